"""What `make sandbox PIPELINE=lake` prints: what to open, how to change a source, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sources.running import PEOPLE, POSTS, TIDES
from sandbox.usage.terminal import to_try

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.running_lake import RunningLake


def how_to_use_lake(running: RunningLake, log: Path, env: Path) -> list[str]:
    """Return the lines.

    Args:
        running: the lake.
        log: of LocalStack.
        env: what a terminal sources.
    """
    deployed, sources = running.deployed, running.sources
    posts, people, tides = (sources.stand_ins[name] for name in (POSTS, PEOPLE, TIDES))
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
        *to_try(
            env,
            [
                "",
                "The rule fires every five minutes. Fire it now, open the dashboard, and ask the API:",
                "",
                "  curl -sX POST $AWS_ENDPOINT_URL/_baler/rules/$BALER_LAKE_SCHEDULE_RULE/fire",
                "  curl -s $BALER_LAKE_API_URL/analytics",
                f"  curl -s '{deployed.api_url}/records?limit=3&source={POSTS}'",
                "",
                "Change a source, and fire the rule again; or let one fail (500, slow, half-body, html, …):",
                "",
                f"  curl -sX POST '{posts.origin}/_control/title?id=7&title=red'",
                f"  curl -sX POST '{posts.origin}/_control/add?title=A+new+post'",
                f"  curl -sX POST '{people.origin}/_control/fault?kind=error&times=1'",
                "",
                f"A third source, {TIDES}, answers at {tides.origin}{tides.api.path}, and nothing declares it here:",
                "make demo PIPELINE=lake adds it to a stack that runs. How are the sources, are the counters right?",
                "",
                "  baler lake sources",
                "  baler lake verify",
                "  baler status",
            ],
        ),
    ]
