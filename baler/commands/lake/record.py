"""`baler lake record`: everything that is known of one record."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import Event, stdout_reporter
from baler.cli.s3 import s3_client
from baler.commands.lake.days import Days
from baler.commands.lake.options import (  # noqa: TC001 - typer reads them
    AsJson,
    End,
    RawBucket,
    RecordId,
    RecordsTable,
    Start,
    VersionsTable,
)
from baler.commands.lake.rejected_records import RejectedRecords
from baler.commands.lake.stored_record import raw_object_state, stored_record
from baler.commands.lake.versions import version_event
from baler.lake.aws.version_items import sightings_of
from baler.lake.ids import source_of
from baler.lake.order import written_time
from baler.lake.versions import versions_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.commands.lake.rejected_records import RejectedRecord
    from baler.commands.lake.stored_record import StoredRecord

EPILOG: Final = epilog(
    "lake",
    "record jsonplaceholder-7",
    "record jsonplaceholder-7 --content --json",
    "record jsonplaceholder-7 --from 2026-11-01",
    codes={
        ExitCode.OK: "the record is there, its raw object too, and nothing of it was set aside on those days",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.NEEDS_ATTENTION: "there is no such record, its raw object is gone, or something of it was set aside",
        ExitCode.RETRY: "AWS did not answer",
    },
)

_DAYS: Final = 7


def record(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    record: RecordId,
    records_table: RecordsTable,
    raw_bucket: RawBucket,
    versions_table: VersionsTable,
    start: Start = None,
    end: End = None,
    content: Annotated[bool, typer.Option("--content", help="Also what it holds: fields and document.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what is known of a record: when it came and changed, where its raw object is, its versions, what was wrong.

    What was set aside is looked for in the raw objects of the last 7 days, or of those from --from to --to. What the
    source sent is shown with --content alone.
    """
    days = Days.parse(start, end, _DAYS)
    report = stdout_reporter(as_json=as_json)
    with plain_errors():
        dynamodb, s3 = client("dynamodb"), s3_client()
        found = stored_record(dynamodb, records_table, record)
        state = None if found is None else raw_object_state(s3, raw_bucket, found.raw_s3_key)
        kept = versions_of(sightings_of(dynamodb, versions_table, record)) if versions_table else []
        aside = [each for each in RejectedRecords(s3, raw_bucket).of([source_of(record)], days) if each.id == record]
    if found is None or state is None:
        report(Event("missing", "red", f"There is no record {record}.", {"id": record}))
    else:
        _tell(found, raw_bucket, state, report)
        if content:
            _tell_content(found, report)
    for version in kept:
        report(version_event(version))
    for each in aside:
        report(_set_aside(each))
    is_well = state in {"there", "archived"} and not aside
    raise typer.Exit(ExitCode.OK if is_well else ExitCode.NEEDS_ATTENTION)


def _tell(found: StoredRecord, bucket: str, state: str, report: Callable[[Event], None]) -> None:
    fields = {name: value for name, value in asdict(found).items() if name not in {"fields", "document"}}
    other = "" if found.other_at is None else f" It was another until after {found.other_at}."
    text = (
        f"{found.id} of {found.source}: first seen {found.captured_at}, so since {found.changed_at}, last seen "
        f"{found.seen_at}, written {found.processed_at}.{other}"
    )
    report(Event("record", "bold", text, fields))
    meaning = {"there": "", "archived": " is in Glacier: restore it before it is read", "gone": " is gone"}[state]
    where = f"s3://{bucket}/{found.raw_s3_key}"
    style = "cyan" if state == "there" else "yellow"
    report(Event("raw", style, where + meaning, {"raw_s3_key": found.raw_s3_key, "state": state}))


def _tell_content(found: StoredRecord, report: Callable[[Event], None]) -> None:
    shown = ", ".join(f"{name}={value!r}" for name, value in found.fields.items())
    document = "its document is in the raw object alone" if found.document is None else found.document
    report(Event("content", "cyan", f"{shown}\n{document}", {"fields": found.fields, "document": found.document}))


def _set_aside(each: RejectedRecord) -> Event:
    at = written_time(each.raw.captured_at)
    about = f" (field {each.field})" if each.field else ""
    text = f"at {at}: {each.reason}{about}, of {each.raw_s3_key}"
    return Event("aside", "red", text, {"captured_at": at, **each.model_dump()})
