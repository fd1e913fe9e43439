"""What `make sandbox PIPELINE=events` prints: where things are, how to send, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo.events.tables import ANSWER_TODAY
from sandbox.usage.terminal import to_try

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.deployed import DeployedEvents


def how_to_use_events(deployed: DeployedEvents, log: Path, env: Path) -> list[str]:
    """Return the lines.

    Args:
        deployed: the stack.
        log: of LocalStack.
        env: what a terminal sources.
    """
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
        *to_try(
            env,
            [
                "  AWS_PROFILE=producer baler events produce --rate 100 --duration 10",
                "",
                "and a minute later see what became of them: batches, what was rejected, high values per hour, today:",
                "",
                "  baler events batches",
                "  baler events rejected",
                f'  baler events query "{ANSWER_TODAY}"',
                "  baler status",
            ],
        ),
    ]
