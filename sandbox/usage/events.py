"""What `make sandbox PIPELINE=events` prints: where things are, how to send, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo.events.tables import ANSWER
from sandbox.iam.parties import environment_of
from sandbox.usage.shell import variables

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.deployed import DeployedEvents


def how_to_use_events(deployed: DeployedEvents, log: Path) -> list[str]:
    """Return the lines.

    Args:
        deployed: the stack.
        log: of LocalStack.
    """
    produces = variables(environment_of(deployed, "producer"))
    looks = variables(environment_of(deployed, "operator"))
    return [
        "",
        f"  stream               {deployed.stream}",
        f"  raw bucket           {deployed.raw_bucket}",
        f"  processed bucket     {deployed.processed_bucket}",
        f"  compacted bucket     {deployed.compacted_bucket}",
        f"  records given up     {deployed.failure_bucket}",
        f"  queues               {deployed.transform_queue_url}",
        f"                       {deployed.compaction_queue_url}",
        f"  dead letters         {deployed.transform_dead_letter_queue_url}",
        f"                       {deployed.compaction_dead_letter_queue_url}",
        f"  frontiers, batches   {deployed.progress_table}",
        f"  document's batches   {deployed.batch_table}",
        f"  table                {deployed.database}.{deployed.table}",
        f"  processor            {deployed.processor_function}, logs to {deployed.processor_log_group}",
        f"  transformer          {deployed.transformer_function}, logs to {deployed.transformer_log_group}",
        f"  compactor            {deployed.compactor_function}, logs to {deployed.compactor_log_group}",
        f"  LocalStack's log     {log}",
        "",
        "In another terminal, in this folder, send events for ten seconds:",
        "",
        f"  {produces} .venv/bin/baler events produce --stream {deployed.stream} --rate 100 --duration 10",
        "",
        "and some seconds later see what became of them: the batches, what was rejected, and a query.",
        "",
        f"  {looks} .venv/bin/baler events batches --stream {deployed.stream} --batch-table {deployed.batch_table}",
        f"  {looks} .venv/bin/baler events rejected --raw-bucket {deployed.raw_bucket}",
        f'  {looks} .venv/bin/baler events query --database {deployed.database} "{ANSWER}"',
        "",
        "Ctrl-C ends it; nothing in it is kept.",
    ]
