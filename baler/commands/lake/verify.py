"""`baler lake verify`: whether the counters say what the table of records holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import Event, quantity, stdout_reporter
from baler.commands.lake.options import AsJson, CountersTable, RecordsTable  # noqa: TC001 - typer reads them
from baler.lake.aws.counted_table import DynamoCountedTable
from baler.lake.counters import Day
from baler.lake.verification import compare, repair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from baler.lake.counters import Counted
    from baler.lake.verification import Comparison, CountedTable, Mismatch

EPILOG: Final = epilog(
    "lake",
    "verify",
    "verify --repair --json",
    codes={
        ExitCode.OK: "every counter says what the table holds, or does so now",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.NEEDS_ATTENTION: "a counter is wrong, and was not repaired",
        ExitCode.RETRY: "AWS did not answer",
        ExitCode.UNKNOWN: "none is wrong, but some were written to all the while: give the same command again",
    },
)


def verify(
    records_table: RecordsTable,
    counters_table: CountersTable,
    repair: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--repair", help="Correct counters that are wrong, each on condition that it is unchanged.")
    ] = False,
    tries: Annotated[
        int, typer.Option(min=1, max=20, help="Compare at most so often while counters are written to.")
    ] = 3,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Compare counters with the table that they count: by source and day, and in total.

    It reads all records and all counters, consistently, and may run beside live traffic: of a counter that is written
    to meanwhile it says nothing, and compares once more.
    """
    report = stdout_reporter(as_json=as_json)
    with plain_errors():
        table = DynamoCountedTable(client("dynamodb"), records_table, counters_table)
        found = settled(table, tries)
        left = corrected(table, found, report) if repair else found.mismatches
    if not repair:
        for each in found.mismatches:
            report(_wrong(each))
    for each in found.moving:
        text = f"{named(each)} was written to all the while: nothing is known of it."
        report(Event("moving", "yellow", text, fields_of(each)))
    report(_summary(found, left))
    if left:
        raise typer.Exit(ExitCode.NEEDS_ATTENTION)
    raise typer.Exit(ExitCode.UNKNOWN if found.moving else ExitCode.OK)


def settled(table: CountedTable, tries: int) -> Comparison:
    """Compare until nothing is written to meanwhile, at most so often; return the last comparison.

    Raises:
        Unavailable: a store does not answer.
    """
    found = compare(table)
    for _ in range(tries - 1):
        if not found.moving:
            break
        found = compare(table)
    return found


def corrected(table: CountedTable, found: Comparison, report: Callable[[Event], None]) -> Sequence[Mismatch]:
    """Correct what is wrong and report it; return what has changed since, and was left alone.

    Raises:
        Unavailable: a store does not answer.
    """
    left = repair(table, found.mismatches)
    for each in found.mismatches:
        report(_wrong(each) if each in left else _repaired(each))
    return left


def named(counted: Counted) -> str:
    """Return what a counter counts, as people say it."""
    return f"{counted.source} on {counted.day}" if isinstance(counted, Day) else f"{counted.source} in total"


def fields_of(counted: Counted) -> Mapping[str, str | None]:
    """Return what a counter counts, as programs read it; a total has no day."""
    return {"source": counted.source, "day": counted.day.isoformat() if isinstance(counted, Day) else None}


def _wrong(each: Mismatch) -> Event:
    text = f"{named(each.of)}: the table has {quantity(each.records, 'record')}, and {each.counted} are counted."
    return Event("wrong", "red", text, _numbers(each))


def _repaired(each: Mismatch) -> Event:
    text = f"{named(each.of)}: {each.counted} were counted, and now {each.records}, as the table has."
    return Event("repaired", "green", text, _numbers(each))


def _numbers(each: Mismatch) -> Mapping[str, str | int | None]:
    return {**fields_of(each.of), "records": each.records, "counted": each.counted}


def _summary(found: Comparison, left: Sequence[Mismatch]) -> Event:
    wrong, repaired = len(left), len(found.mismatches) - len(left)
    parts = [f"{quantity(found.records, 'record')}"]
    parts.append(f"{quantity(wrong, 'counter')} wrong" if wrong else "no counter is wrong")
    if repaired:
        parts.append(f"{repaired} repaired")
    if found.moving:
        parts.append(f"{len(found.moving)} not known")
    fields = {"records": found.records, "wrong": wrong, "repaired": repaired, "moving": len(found.moving)}
    return Event("done", "bold", ", ".join(parts) + ".", fields)
