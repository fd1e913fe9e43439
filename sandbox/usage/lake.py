"""What `make sandbox PIPELINE=lake` prints: what to open, how to change a source, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.iam.parties import environment_of
from sandbox.sources.running import PEOPLE, POSTS, TIDES
from sandbox.usage.shell import variables

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.running_lake import RunningLake


def how_to_use_lake(running: RunningLake, log: Path) -> list[str]:
    """Return the lines.

    Args:
        running: the lake.
        log: of LocalStack.
    """
    deployed, sources = running.deployed, running.sources
    looks = variables(environment_of(deployed, "operator"))
    posts, people, tides = (sources.stand_ins[name] for name in (POSTS, PEOPLE, TIDES))
    rule = f"{deployed.endpoint}/_baler/rules/{deployed.schedule_rule}/fire"
    tables = f"--records-table {deployed.records_table} --counters-table {deployed.counters_table}"
    return [
        "",
        f"  dashboard            {running.dashboard}",
        f"  HTTP API             {deployed.api_url}",
        f"  sources              {POSTS} at {posts.origin}{posts.api.path}",
        f"                       {PEOPLE} at {people.origin}{people.api.path}",
        f"  declared in          {sources.file}",
        f"  raw bucket           {deployed.raw_bucket}",
        f"  queue                {deployed.curation_queue_url}",
        f"  dead letters         {deployed.curation_dead_letter_queue_url}",
        f"  records, counters    {deployed.records_table}, {deployed.counters_table}",
        f"  state of sources     {deployed.sources_table}",
        f"  ingestion            {deployed.ingestion_function}, logs to {deployed.ingestion_log_group}",
        f"  curation             {deployed.curation_function}, logs to {deployed.curation_log_group}",
        f"  API's function       {deployed.api_function}, logs to {deployed.api_log_group}",
        f"  LocalStack's log     {log}",
        "",
        "The rule fires every five minutes. In another terminal, in this folder, fire it now, open the dashboard,",
        "and ask the API:",
        "",
        f"  curl -sX POST {rule}",
        f"  curl -s '{deployed.api_url}/analytics'",
        f"  curl -s '{deployed.api_url}/records?limit=3&source={POSTS}'",
        "",
        "Change a source, and fire the rule again; or let one fail (kind: 500, 429-seconds, slow, half-body, html, …):",
        "",
        f"  curl -sX POST '{posts.origin}/_control/title?id=7&title=red'",
        f"  curl -sX POST '{posts.origin}/_control/add?title=A+new+post'",
        f"  curl -sX POST '{people.origin}/_control/fault?kind=error&times=1'",
        "",
        f"A third source, {TIDES}, answers at {tides.origin}{tides.api.path}, and nothing declares it here:",
        "make demo PIPELINE=lake adds it to a stack that runs. How do the sources fare, and are the counters right?",
        "",
        f"  export {looks}",
        f"  .venv/bin/baler lake sources --sources-table {deployed.sources_table}",
        f"  .venv/bin/baler lake verify {tables}",
        "",
        "Ctrl-C ends it; nothing in it is kept.",
    ]
