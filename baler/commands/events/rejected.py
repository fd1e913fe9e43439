"""`baler events rejected`: which records could never become events, and why."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period, PeriodError
from baler.cli.report import printable, quantity
from baler.cli.s3 import s3_client
from baler.commands.events.options import AsJson, End, RawBucket, Start  # noqa: TC001 - typer reads them
from baler.commands.events.rejected_records import RejectedRecords
from baler.events.rejection_reason import RejectionReason  # noqa: TC001 - typer reads it

if TYPE_CHECKING:
    from baler.commands.events.rejected_records import RejectedRecord

EPILOG: Final = epilog(
    "events",
    "rejected",
    "rejected --from 2026-11-20 --reason missing_field",
    "rejected --from 2026-11-20T09:00 --to 2026-11-20T10:00 --json --data | jq -r .data | base64 -d",
    codes={
        ExitCode.OK: "nothing was rejected in that time",
        ExitCode.CANNOT_PROCEED: "S3 refused",
        ExitCode.NEEDS_ATTENTION: "something was rejected",
        ExitCode.RETRY: "S3 did not answer",
    },
)

_WITHOUT_START: Final = timedelta(hours=24)
_HEADING: Final = f"{'ARRIVED':<23}  {'REASON':<19}  {'FIELD':<20}  {'BYTES':>9}  SHARD AND SEQUENCE NUMBER"


def rejected(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    raw_bucket: RawBucket,
    start: Start = None,
    end: End = None,
    reason: Annotated[list[RejectionReason] | None, typer.Option(help="For this reason alone. Repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many records; all are counted.")] = 20,
    data: Annotated[bool, typer.Option("--data", help="With --json: the bytes too, in base64.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show records that could never become events, of the last 24 hours or since --from: reason, field, place.

    Times are those of arrival in the stream. What a producer sent is shown with --json --data alone; it may hold
    anything.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    now = datetime.now(UTC)
    period = Period(period.since(_WITHOUT_START, now), period.end)
    counts: Counter[str] = Counter()
    shown = 0
    with plain_errors():
        records = RejectedRecords(s3_client(), raw_bucket)
        for record in records.of(period, now):
            if reason and record.reason not in reason:
                continue
            counts[record.reason] += 1
            if counts.total() <= limit:
                if not as_json and not shown:
                    typer.echo(_HEADING)
                typer.echo(_document(record, data=data) if as_json else _row(record))
                shown += 1
    typer.echo(_summary(counts, shown), err=True)
    for key, lines in records.unreadable.items():
        typer.echo(printable(f"{key}: {quantity(lines, 'line')} that the processor does not write."), err=True)
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if counts or records.unreadable else ExitCode.OK)


def _row(record: RejectedRecord) -> str:
    at = datetime.fromtimestamp(record.arrived_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "")
    place = f"{record.shard_id} {record.sequence_number}"
    packed = f"/{record.sub_sequence}" if record.sub_sequence else ""
    return printable(f"{at:<23}  {record.reason:<19}  {record.field[:20]:<20}  {record.size:>9,}  {place}{packed}")


def _document(record: RejectedRecord, *, data: bool) -> str:
    fields = record.model_dump()
    if not data:
        del fields["data"]
    return json.dumps(fields)


def _summary(counts: Counter[str], shown: int) -> str:
    if not counts:
        return "Nothing was rejected."
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common())
    hidden = counts.total() - shown
    return f"{quantity(counts.total(), 'record')}: {reasons}." + (f" {hidden:,} are past --limit." if hidden else "")
