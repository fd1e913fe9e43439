"""`baler events batches`: what the processor committed, newest first."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period, PeriodError
from baler.cli.report import printable, quantity
from baler.commands.events.batch_report import BatchReport, ReportedBatch
from baler.commands.events.options import AsJson, BatchTable, End, Start, Stream  # noqa: TC001 - typer reads them

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG: Final = epilog(
    "events",
    "batches",
    "batches --failed --from 2026-11-20",
    "batches --json | jq .failed",
    codes={
        ExitCode.OK: "done, whatever was shown",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.RETRY: "AWS did not answer",
    },
)

_HEADING: Final = f"{'ARRIVED':<32}  {'RECORDS':>7}  {'GOOD':>7}  {'FAILED':>7}  {'PARTITIONS':>10}  SHARD"


def batches(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stream: Stream,
    batch_table: BatchTable,
    shard: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SHARD", help="This one, or a redrive's or replay's. Repeatable.  [default: the stream's]"
        ),
    ] = None,
    start: Start = None,
    end: End = None,
    failed: Annotated[bool, typer.Option("--failed", help="Those alone that rejected something.")] = False,  # noqa: FBT002 - a flag
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many batches.")] = 20,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show the batches that were committed, newest first: shard, records, good and rejected ones.

    A batch counts once, however often its records came. What a redrive or replay committed is under a shard of its
    own, which that command names.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    with plain_errors():
        shard_ids = shard or _shard_ids(client("kinesis"), stream)
        report = BatchReport(client("dynamodb"), batch_table)
        found = report.newest(shard_ids, period, failed_only=failed, limit=limit)
    if as_json:
        for batch in found:
            typer.echo(json.dumps(asdict(batch)))
        return
    if found:
        typer.echo(_HEADING)
    for batch in found:
        typer.echo(_row(batch))
    typer.echo(_summary(found, len(shard_ids)), err=True)


def _shard_ids(kinesis: Any, stream: str) -> list[str]:
    """Return all shards whose records are kept, closed ones too."""
    pages = kinesis.get_paginator("list_shards").paginate(StreamName=stream)
    return [shard["ShardId"] for page in pages for shard in page["Shards"]]


def _row(batch: ReportedBatch) -> str:
    counts = f"{batch.total:>7,}  {batch.good:>7,}  {batch.failed:>7,}  {batch.partitions:>10,}"
    return printable(f"{batch.processed_at:<32}  {counts}  {batch.shard_id}")


def _summary(found: Sequence[ReportedBatch], shards: int) -> str:
    if not found:
        return f"No batches of {quantity(shards, 'shard')}."
    total, failed = sum(batch.total for batch in found), sum(batch.failed for batch in found)
    batches_found = "1 batch" if len(found) == 1 else f"{len(found):,} batches"
    return f"{batches_found}: {total:,} records, {failed:,} of them rejected."
