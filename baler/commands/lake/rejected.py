"""`baler lake rejected`: records that curation set aside, with the reason of each."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable, quantity
from baler.cli.s3 import s3_client
from baler.commands.lake.asked_sources import asked_sources
from baler.commands.lake.days import Days
from baler.commands.lake.options import AsJson, End, RawBucket, Sources, Start  # noqa: TC001 - typer reads them
from baler.commands.lake.rejected_records import RejectedRecords
from baler.lake.aws.raw_versions import S3RawVersions
from baler.lake.order import written_time

if TYPE_CHECKING:
    from baler.commands.lake.rejected_records import RejectedRecord

EPILOG: Final = epilog(
    "lake",
    "rejected",
    "rejected --source jsonplaceholder --from 2026-11-20 --to 2026-11-20 --reason wrong-kind --json",
    codes={
        ExitCode.OK: "nothing was set aside on those days",
        ExitCode.CANNOT_PROCEED: "S3 refused",
        ExitCode.NEEDS_ATTENTION: "something was set aside",
        ExitCode.RETRY: "S3 did not answer",
    },
)

_HEADING: Final = f"{'CAPTURED':<20}  {'SOURCE':<20}  {'REASON':<18}  {'FIELD':<16}  RECORD"


def rejected(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    raw_bucket: RawBucket,
    start: Start = None,
    end: End = None,
    source: Sources = None,
    reason: Annotated[
        list[str] | None, typer.Option(metavar="REASON", help="For this reason alone. Repeatable.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many records; all are counted.")] = 20,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show records that could not be curated, of today or since --from: source, reason, field, and where they are.

    Days are those of the schedule's events. What the source sent is not shown: it is in the raw object, at the place
    that is named. A record of one fetch is shown once for each raw object that has it.
    """
    days = Days.parse(start, end)
    counts: Counter[tuple[str, str]] = Counter()
    others: Counter[str] = Counter()
    shown = 0
    with plain_errors():
        s3 = s3_client()
        records = RejectedRecords(s3, raw_bucket)
        # A source that nothing was set aside of has no folder, and is well; one that was never fetched is a mistake.
        names = asked_sources(S3RawVersions(s3, raw_bucket).sources(), source) if source else records.sources()
        for record in records.of(names, days):
            if reason and record.reason not in reason:
                others[record.reason] += 1
                continue
            counts[record.raw.source, record.reason] += 1
            if shown < limit:
                if not as_json and not shown:
                    typer.echo(_HEADING)
                typer.echo(json.dumps(_document(record)) if as_json else _row(record))
                shown += 1
    typer.echo(_summary(counts, others, shown), err=True)
    for key, lines in records.unreadable.items():
        typer.echo(printable(f"{key}: {quantity(lines, 'line')} that curation does not write."), err=True)
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if counts or records.unreadable else ExitCode.OK)


def where(record: RejectedRecord) -> str:
    """Return how people find a record: by its id, or by its place in the raw object."""
    return record.id if record.id is not None else f"no. {record.place} in {record.raw_s3_key}"


def _document(record: RejectedRecord) -> dict[str, object]:
    raw = record.raw
    return {"source": raw.source, "captured_at": written_time(raw.captured_at), **record.model_dump()}


def _row(record: RejectedRecord) -> str:
    raw = record.raw
    at = written_time(raw.captured_at)
    return printable(f"{at:<20}  {raw.source:<20}  {record.reason[:18]:<18}  {record.field[:16]:<16}  {where(record)}")


def _summary(counts: Counter[tuple[str, str]], others: Counter[str], shown: int) -> str:
    # A mistyped reason must not read as if all were well.
    besides = f" For other reasons: {', '.join(f'{n:,} {why}' for why, n in others.most_common())}." if others else ""
    if not counts:
        return printable(f"Nothing was set aside{' for that reason' if others else ''}.{besides}")
    reasons = ", ".join(f"{count:,} {reason} of {source}" for (source, reason), count in counts.most_common())
    hidden = counts.total() - shown
    more = f" {hidden:,} are past --limit." if hidden else ""
    return printable(f"{quantity(counts.total(), 'record')}: {reasons}.{more}{besides}")
