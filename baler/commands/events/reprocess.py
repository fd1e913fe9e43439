"""`baler events reprocess`: lets the transformer process raw objects anew, those of the hours of a range."""

from __future__ import annotations

import time
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
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.events.options import (  # noqa: TC001 - typer reads them
    AsJson,
    DryRun,
    End,
    RawBucket,
    TransformQueue,
)
from baler.events.announcement import message_of
from baler.events.event_types import EVENT_TYPES
from baler.events.partition import hour_path_of
from baler.events.raw_object import RAW_PREFIX, ForeignObjectError, raw_object_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

EPILOG: Final = epilog(
    "events",
    "reprocess --from 2026-11-20 --to 2026-11-20 --type transaction --dry-run",
    "reprocess --from 2026-11-20T09:00 --to 2026-11-20T12:00",
    codes={
        ExitCode.OK: "all of it is on its way to the transformer, or would be",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.NEEDS_ATTENTION: "some of it is in Glacier: restore it first; the rest is on its way",
        ExitCode.RETRY: "AWS did not answer, or did not take some of it; the same command does all of it again",
        ExitCode.STOPPED: "stopped by a signal; the same command does all of it again",
    },
)

_AT_ONCE: Final = 10
_ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_HOURS_MAX: Final = 24 * 366


def reprocess(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    raw_bucket: RawBucket,
    transform_queue_url: TransformQueue,
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="Since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120."),
    ],
    end: End = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help=f"Events of this type: {', '.join(EVENT_TYPES)}. Repeatable."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=3000, help="Announce at most this many objects a second.")] = 200,
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Process raw objects anew: after a change of limits, or because processed objects were lost.

    Times are those of the events, by the whole hour. Each processed object is replaced by what is made of its raw one
    now, and the table's rows of it are replaced in one commit, so no reader sees an event twice or not at all.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    if unknown := sorted(set(types or ()) - set(EVENT_TYPES)):
        raise typer.BadParameter(f"{unknown[0]!r} is no declared type: {', '.join(EVENT_TYPES)}.")
    hours = hours_of(period, datetime.now(UTC))
    report = stdout_reporter(as_json=as_json)
    with plain_errors(), Shutdown() as shutdown:
        announcer = Announcer(client("sqs"), transform_queue_url, raw_bucket, rate, dry_run=dry_run)
        result = ReprocessResult()
        stopped = False
        try:
            for each in raw_objects_of(s3_client(), raw_bucket, types or list(EVENT_TYPES), hours):
                shutdown.interruption_point()
                _one(each, announcer, result, report)
            announcer.flush(result)
        except Stopping:
            stopped = True
    report(_summary(result, dry_run=dry_run))
    raise typer.Exit(ExitCode.STOPPED if stopped else result.exit_code)


@dataclass(frozen=True, slots=True)
class ListedObject:
    """A raw object as S3 lists it.

    Attributes:
        key: its own.
        put_at: when it was written, seconds since the epoch.
        readable: whether it can be read now, and not only once it is restored.
    """

    key: str
    put_at: float
    readable: bool


@dataclass(slots=True)
class ReprocessResult:
    """What a run did: objects that were announced, that SQS did not take, and that are to be restored first."""

    sent: int = 0
    refused: int = 0
    archived: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends."""
        if self.refused:
            return ExitCode.RETRY
        return ExitCode.NEEDS_ATTENTION if self.archived else ExitCode.OK


@dataclass(slots=True)
class Announcer:
    """Announces objects to the transformer as S3 does, in as few calls as SQS takes.

    Attributes:
        client: boto3's of SQS.
        queue_url: of the transformer's queue.
        bucket: of the raw objects.
        rate: objects a second at most.
        dry_run: nothing is sent.
    """

    client: Any
    queue_url: str
    bucket: str
    rate: float
    dry_run: bool
    _waiting: list[ListedObject] = field(default_factory=list[ListedObject])
    _free_at: float = 0.0

    def add(self, each: ListedObject, result: ReprocessResult) -> None:
        """Announce an object, with others."""
        self._waiting.append(each)
        if len(self._waiting) == _AT_ONCE:
            self.flush(result)

    def flush(self, result: ReprocessResult) -> None:
        """Announce those that wait."""
        group, self._waiting = self._waiting, []
        if not group:
            return
        if self.dry_run:
            result.sent += len(group)
            return
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + len(group) / self.rate
        entries = [
            {"Id": str(place), "MessageBody": message_of(each.key, self.bucket, each.put_at)}
            for place, each in enumerate(group)
        ]
        answer: Mapping[str, Any] = self.client.send_message_batch(QueueUrl=self.queue_url, Entries=entries)
        refused = len(answer.get("Failed", []))
        result.refused += refused
        result.sent += len(group) - refused


def hours_of(period: Period, now: datetime) -> list[datetime]:
    """Return the hours that a period lies in, in their order.

    Raises:
        typer.BadParameter: there are very many.
    """
    begin = period.start or now
    hour = begin.replace(minute=0, second=0, microsecond=0)
    end = period.end or now
    if end - hour > timedelta(hours=_HOURS_MAX):
        raise typer.BadParameter("Give a range of at most a year: --from and --to.")
    hours: list[datetime] = []
    while hour < end:
        hours.append(hour)
        hour += timedelta(hours=1)
    return hours


def raw_objects_of(s3: Any, bucket: str, types: Sequence[str], hours: Sequence[datetime]) -> Iterator[ListedObject]:
    """Yield the raw objects of some types and hours; what the processor did not write is left out."""
    pages = s3.get_paginator("list_objects_v2")
    for hour in hours:
        for event_type in types:
            prefix = f"{RAW_PREFIX}event_type={event_type}/{hour_path_of(hour)}/"
            for page in pages.paginate(Bucket=bucket, Prefix=prefix, OptionalObjectAttributes=["RestoreStatus"]):
                yield from _listed(page.get("Contents", []))


def _listed(items: Sequence[Mapping[str, Any]]) -> Iterator[ListedObject]:
    for item in items:
        try:
            raw_object_name(item["Key"])
        except ForeignObjectError:
            continue
        restored = item.get("RestoreStatus", {}).get("RestoreExpiryDate") is not None
        readable = item.get("StorageClass", "STANDARD") not in _ARCHIVED or restored
        yield ListedObject(item["Key"], item["LastModified"].timestamp(), readable)


def _one(each: ListedObject, announcer: Announcer, result: ReprocessResult, report: Callable[[Event], None]) -> None:
    if each.readable:
        announcer.add(each, result)
        return
    result.archived += 1
    report(Event("archived", "yellow", f"{each.key} is in Glacier: restore it first.", {"key": each.key}))


def _summary(result: ReprocessResult, *, dry_run: bool) -> Event:
    objects = quantity(result.sent, "object")
    text = f"Would announce {objects} to the transformer." if dry_run else f"Announced {objects} to the transformer."
    if result.archived:
        text += f" {quantity(result.archived, 'object')} in Glacier: restore first (docs/runbooks/events-data-loss.md)."
    if result.refused:
        text += f" SQS did not take {quantity(result.refused, 'object')}: give the same command again."
    return Event("done", "bold", text, {"sent": result.sent, "archived": result.archived, "refused": result.refused})
