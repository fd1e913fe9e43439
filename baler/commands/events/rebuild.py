"""`baler events rebuild`: writes into a restored table what it has lost, by what the stores say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import Event, quantity, stdout_reporter
from baler.cli.s3 import s3_client
from baler.cli.stack_outputs import from_stack
from baler.commands.events.options import (  # noqa: TC001 - typer reads them
    AsJson,
    BatchTable,
    DryRun,
    ProcessedBucket,
    ProgressTable,
    RawBucket,
    Stream,
)
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.event_types import KINESIS
from baler.events.raw_object import RAW_PREFIX, REJECTED_PREFIX
from baler.events.recovery.evidence import BatchName, batch_name, evidence
from baler.events.stream.committed_batch import CommittedBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from baler.events.recovery.evidence import BatchEvidence, Evidence

EPILOG: Final = epilog(
    "events",
    "rebuild --dry-run",
    "rebuild",
    codes={
        ExitCode.OK: "the table has all that the stores prove",
        ExitCode.CANNOT_PROCEED: "AWS refused, or the processor's mapping is not disabled",
        ExitCode.NEEDS_ATTENTION: "of some objects nothing says whether their batch was committed: replay that time",
        ExitCode.RETRY: "AWS did not answer; the same command goes on",
    },
)

_PROCESSED_PREFIX: Final = "processed/"


def rebuild(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stream: Stream,
    raw_bucket: RawBucket,
    processed_bucket: ProcessedBucket,
    progress_table: ProgressTable,
    batch_table: BatchTable,
    processor_mapping: Annotated[str, from_stack("eventsProcessorMapping")],
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Write frontiers and batches that a restored table has lost, before the processor goes on.

    What the table of batches reports, or what was processed, was committed, and its objects are in the raw bucket.
    Nothing that the table has is changed, and a frontier only moves forward. The processor's mapping must be disabled.
    """
    report = stdout_reporter(as_json=as_json)
    with plain_errors():
        if not dry_run and not _is_disabled(client("lambda"), processor_mapping):
            typer.echo(
                f"The mapping {processor_mapping} is not disabled: the processor would commit against a table that has "
                "lost what it committed. Disable it, and wait until it is.",
                err=True,
            )
            raise typer.Exit(ExitCode.CANNOT_PROCEED)
        s3, dynamodb = s3_client(), client("dynamodb")
        arn = client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        reports = _reports(dynamodb, batch_table)
        found = evidence(
            arn,
            _keys(s3, raw_bucket, RAW_PREFIX),
            _keys(s3, raw_bucket, REJECTED_PREFIX),
            _keys(s3, processed_bucket, _PROCESSED_PREFIX),
            reports.keys(),
        )
        table = DynamoCoverageTable(dynamodb, progress_table)
        rebuilt = Rebuild(table, reports, lambda key: _read(s3, raw_bucket, key), dry_run=dry_run).write(found)
    _tell(report, found, rebuilt, dry_run=dry_run)
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if found.uncertain or found.contradictory else ExitCode.OK)


@dataclass(frozen=True, slots=True)
class BatchReported:
    """What the table of batches says of one: events, rejections, and when its last record arrived (since the epoch)."""

    events: int
    rejections: int
    arrived_at: float


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Writes what is proven.

    Attributes:
        table: the restored one.
        reports: what the table of batches says.
        read: returns an object of the raw bucket.
        dry_run: nothing is written.
    """

    table: DynamoCoverageTable
    reports: Mapping[BatchName, BatchReported]
    read: Callable[[str], bytes]
    dry_run: bool

    def write(self, found: Evidence) -> Counter[str]:
        """Write batches first and frontiers then; return how many of each the table did not have.

        Raises:
            Unavailable: the table does not answer; writing all of it again is harmless.
        """
        counts: Counter[str] = Counter()
        for each in found.batches:
            if self.table.batch(each.shard, each.span.last) is None:
                counts["batches"] += 1
                if not self.dry_run:
                    self.table.restore(self._batch(each))
        for shard, last in found.frontiers().items():
            if self.table.frontier(shard) < last:
                counts["frontiers"] += 1
                if not self.dry_run:
                    self.table.raise_frontier(shard, last)
        return counts

    def _batch(self, found: BatchEvidence) -> CommittedBatch:
        span = found.span
        said = self.reports.get(BatchName(found.shard.label, span.first, span.last)) or self._counted(found)
        return CommittedBatch(
            shard=found.shard,
            after=found.after,
            first=span.first,
            last=span.last,
            objects=found.objects,
            rejected=found.rejected,
            events=said.events,
            rejections=said.rejections,
            arrived_at=said.arrived_at,
        )

    def _counted(self, found: BatchEvidence) -> BatchReported:
        """Count what the objects of a batch hold that nobody reported."""
        lines = [line for key in found.objects for line in self.read(key).splitlines()]
        rejected = self.read(found.rejected).splitlines() if found.rejected else []
        arrivals = [json.loads(line)[KINESIS]["arrived_at"] for line in lines]
        arrivals += [json.loads(line)["arrived_at"] for line in rejected]
        return BatchReported(len(lines), len(rejected), max(arrivals))


def _tell(report: Callable[[Event], None], found: Evidence, rebuilt: Counter[str], *, dry_run: bool) -> None:
    for name in found.uncertain:
        text = (
            f"{name.label} from {name.first} to {name.last}: objects are there, and nothing says that it was committed."
        )
        fields = {"label": name.label, "first": name.first, "last": name.last}
        report(Event("unproven", "yellow", text, fields))
    for shard in found.contradictory:
        text = f"{shard.label}: committed batches overlap; nothing was written of this shard."
        report(Event("overlap", "red", text, {"label": shard.label}))
    write, move = ("Would write", "move") if dry_run else ("Wrote", "moved")
    frontiers = rebuilt["frontiers"]
    text = f"{write} {quantity(rebuilt['batches'], 'missing item')}, and {move} {quantity(frontiers, 'frontier')}."
    if found.uncertain:
        text += f" {len(found.uncertain)} not proven: `baler events replay` takes their records from the stream."
    fields = {"batches": rebuilt["batches"], "frontiers": frontiers, "unproven": len(found.uncertain)}
    report(Event("done", "bold", text, {**fields, "overlapping": len(found.contradictory)}))


def _is_disabled(functions: Any, mapping: str) -> bool:
    return functions.get_event_source_mapping(UUID=mapping)["State"] == "Disabled"


def _reports(dynamodb: Any, table: str) -> dict[BatchName, BatchReported]:
    found: dict[BatchName, BatchReported] = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            # As the processor names it: <label>_<first>_<last>.
            label, first, last = item["batch_id"]["S"].rsplit("_", 2)
            arrived_at = datetime.fromisoformat(item["processed_at"]["S"]).timestamp()
            events, rejections = int(item["success_records"]["N"]), int(item["failed_records"]["N"])
            found[BatchName(label, first, last)] = BatchReported(events, rejections, arrived_at)
    return found


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if batch_name(item["Key"]):
                yield item["Key"]


def _read(s3: Any, bucket: str, key: str) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
