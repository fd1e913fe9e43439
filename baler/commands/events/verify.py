"""`baler events verify`: whether all that was committed is in the raw store and in the processed one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period, PeriodError
from baler.cli.report import Event, quantity, stdout_reporter
from baler.cli.s3 import s3_client
from baler.commands.events.options import (  # noqa: TC001 - typer reads them
    AsJson,
    End,
    ProcessedBucket,
    ProgressTable,
    RawBucket,
    Start,
    Stream,
)
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.processed_object import processed_key
from baler.events.stream.shard_key import ShardKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from baler.events.stream.committed_batch import CommittedBatch

EPILOG: Final = epilog(
    "events",
    "verify",
    "verify --from 2026-11-20 --to 2026-11-20 --json",
    codes={
        ExitCode.OK: "all that was committed is in both stores",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.NEEDS_ATTENTION: "an object is missing, or waits for longer than it should",
        ExitCode.RETRY: "AWS did not answer",
    },
)

_WITHOUT_START: Final = timedelta(hours=24)


def verify(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stream: Stream,
    progress_table: ProgressTable,
    raw_bucket: RawBucket,
    processed_bucket: ProcessedBucket,
    start: Start = None,
    end: End = None,
    grace: Annotated[int, typer.Option(metavar="MINUTES", min=0, help="What is younger may still be on its way.")] = 15,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Compare what was committed with what is there: batches of the last 24 hours or since --from, object by object.

    Times are those of arrival in the stream. It names raw objects that are gone and processed ones that are missing.
    Whether a record was never committed only the stream knows: `baler events replay --dry-run` asks it.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    now = datetime.now(UTC)
    since = period.since(_WITHOUT_START, now)
    report = stdout_reporter(as_json=as_json)
    with plain_errors():
        table = DynamoCoverageTable(client("dynamodb"), progress_table)
        stores = Stores(s3_client(), raw_bucket, processed_bucket)
        shards = shards_of(client("kinesis"), stream)
        batches = (batch for shard in shards for batch in table.batches_since(shard, since.timestamp()))
        until = (period.end or now).timestamp()
        counts = compare((batch for batch in batches if batch.arrived_at < until), stores, now, grace * 60, report)
    report(_summary(counts))
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if counts["gone"] or counts["unprocessed"] else ExitCode.OK)


@dataclass(slots=True)
class Stores:
    """The raw and the processed bucket, of which each folder is listed once.

    Attributes:
        client: boto3's of S3.
        raw, processed: names of the buckets.
    """

    client: Any
    raw: str
    processed: str
    _folders: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict[tuple[str, str], frozenset[str]])

    def has_raw(self, key: str) -> bool:
        """Whether a raw object is there."""
        return key in self._folder(self.raw, key)

    def has_processed(self, key: str) -> bool:
        """Whether what was made of a raw object is there; `key` is the raw one's."""
        return processed_key(key) in self._folder(self.processed, processed_key(key))

    def _folder(self, bucket: str, key: str) -> frozenset[str]:
        folder = f"{key.rpartition('/')[0]}/"
        if (bucket, folder) not in self._folders:
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
            found = (item["Key"] for page in pages for item in page.get("Contents", []))
            self._folders[bucket, folder] = frozenset(found)
        return self._folders[bucket, folder]


def compare(
    batches: Iterable[CommittedBatch],
    stores: Stores,
    now: datetime,
    grace_seconds: float,
    report: Callable[[Event], None],
) -> Counter[str]:
    """Report each object that is not where it should be.

    Returns:
        How many `batches`, `events` and `objects` there are, and how many objects are `gone`, `unprocessed`, or
        `waiting` within the grace.
    """
    counts: Counter[str] = Counter(batches=0, events=0, objects=0, gone=0, unprocessed=0, waiting=0)
    for batch in batches:
        age = now.timestamp() - batch.arrived_at
        counts.update(batches=1, events=batch.events, objects=len(batch.objects))
        for key in batch.objects:
            if not stores.has_raw(key):
                counts["gone"] += 1
                report(Event("gone", "red", f"{key} was committed and is not there.", {"key": key}))
            elif not stores.has_processed(key):
                is_late = age >= grace_seconds
                counts["unprocessed" if is_late else "waiting"] += 1
                if is_late:
                    text = f"{key} has waited for {age / 60:.0f} minutes to be processed."
                    report(Event("late", "yellow", text, {"key": key, "age_seconds": round(age)}))
    return counts


def shards_of(kinesis: Any, stream: str) -> Iterator[ShardKey]:
    """Yield the shards of a stream whose records it keeps, closed ones too."""
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    created_at = int(summary["StreamCreationTimestamp"].timestamp())
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=stream):
        for shard in page["Shards"]:
            yield ShardKey(summary["StreamARN"], created_at, shard["ShardId"])


def _summary(counts: Counter[str]) -> Event:
    text = f"{counts['events']:,} events in {quantity(counts['objects'], 'object')} were committed"
    if counts["gone"]:
        text += f"; {counts['gone']} gone from the raw store"
    if counts["unprocessed"]:
        text += f"; {counts['unprocessed']} not processed"
    if counts["waiting"]:
        text += f"; {counts['waiting']} on their way"
    if not counts["gone"] + counts["unprocessed"] + counts["waiting"]:
        text += ", and all of them are in both stores"
    return Event("done", "bold", f"{text}.", dict(counts))
