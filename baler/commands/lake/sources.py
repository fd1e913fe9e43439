"""`baler lake sources`: how each source fares."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import Event, quantity, stdout_reporter
from baler.commands.lake.options import AsJson, Sources, SourcesTable  # noqa: TC001 - typer reads them
from baler.lake.aws.source_table import SourceReading, source_readings
from baler.lake.declarations import read_declarations, shipped_declarations
from baler.lake.order import written_time
from baler.lake.sources import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baler.lake.sources import Source

EPILOG: Final = epilog(
    "lake",
    "sources",
    "sources --source jsonplaceholder --json",
    "sources --sources-file my-sources.toml",
    codes={
        ExitCode.OK: "the last run of every source ended well",
        ExitCode.CANNOT_PROCEED: "AWS refused, or the file of declarations is wrong",
        ExitCode.NEEDS_ATTENTION: "the last run of a source did not end well, or a declared source was never fetched",
        ExitCode.RETRY: "AWS did not answer",
    },
)


class SourceStatus(StrEnum):
    """How a source fares."""

    WELL = "well"
    FAILING = "failing"
    RUNNING = "running"
    """A run has its lease, and none before it failed."""
    NEVER = "never"
    """It is declared, and no run ever began for it."""
    PAUSED = "paused"
    UNDECLARED = "removed"
    """It was fetched once, and is declared no more."""


_STYLES: Final = {
    SourceStatus.WELL: "green",
    SourceStatus.FAILING: "red",
    SourceStatus.RUNNING: "cyan",
    SourceStatus.NEVER: "yellow",
    SourceStatus.PAUSED: "dim",
    SourceStatus.UNDECLARED: "dim",
}


def sources(
    sources_table: SourcesTable,
    source: Sources = None,
    sources_file: Annotated[
        Path | None,
        typer.Option(
            envvar="BALER_LAKE_SOURCES_FILE",
            exists=True,
            dir_okay=False,
            help="The stack's setting lakeSourcesFile; the declarations that Baler ships if left out.",
        ),
    ] = None,
    open_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="As the stack's setting lakeOpenOrigins has them. Repeatable."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show each source: its last run, failures in a row and the last reason, its lease, whether it is declared."""
    declared = _declared(sources_file, frozenset(open_origin or ()))
    report = stdout_reporter(as_json=as_json)
    with plain_errors():
        readings = source_readings(client("dynamodb"), sources_table)
    names = sorted({*declared, *readings})
    if unknown := sorted(set(source or ()) - set(names)):
        known = ", ".join(names)
        raise typer.BadParameter(f"the source {unknown[0]!r} is neither declared nor was it ever fetched: {known}.")
    now = time.time()
    bad = 0
    for name in names if source is None else sorted(set(source)):
        reading = readings.get(name, SourceReading(name))
        status = status_of(reading, declared.get(name), now)
        bad += status in {SourceStatus.FAILING, SourceStatus.NEVER}
        report(_event(reading, status, declared.get(name), now))
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if bad else ExitCode.OK)


def status_of(reading: SourceReading, declared: Source | None, now: float) -> SourceStatus:
    """Return how a source fares; `now` in seconds since the epoch."""
    if declared is None:
        return SourceStatus.UNDECLARED
    if declared.paused:
        return SourceStatus.PAUSED
    if reading.last_event is None:
        return SourceStatus.NEVER
    if reading.failures:
        return SourceStatus.FAILING
    return SourceStatus.RUNNING if _has_lease(reading, now) else SourceStatus.WELL


def _declared(file: Path | None, open_origins: frozenset[str]) -> Mapping[str, Source]:
    try:
        text = shipped_declarations() if file is None else file.read_text(encoding="utf-8")
        found: Sequence[Source] = read_declarations(text, open_origins)
    except (OSError, UnicodeDecodeError, DeclarationError) as error:
        typer.echo(f"{file or 'The shipped declarations'}: {error}", err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    return {each.name: each for each in found}


def _has_lease(reading: SourceReading, now: float) -> bool:
    return reading.leased_until is not None and reading.leased_until > now


def _event(reading: SourceReading, status: SourceStatus, declared: Source | None, now: float) -> Event:
    parts = [f"{reading.source}:"]
    if reading.last_event is None:
        parts.append("no run ever began.")
    else:
        parts.append(f"last run for {written_time(reading.last_event)},")
        success = reading.last_success
        parts.append(
            "none ended well." if success is None else f"the last that ended well for {written_time(success)}."
        )
    if reading.failures:
        parts.append(f"{quantity(reading.failures, 'failure')} in a row: {reading.last_reason}.")
    if reading.leased_until is not None:
        until = written_time(datetime.fromtimestamp(reading.leased_until, UTC))
        parts.append(
            f"A run has it until {until}." if reading.leased_until > now else f"A run died; its lease ended {until}."
        )
    if declared is None:
        parts.append("It is declared no more.")
    fields = {
        "source": reading.source,
        "declared": declared is not None,
        "paused": declared is not None and declared.paused,
        "last_event": None if reading.last_event is None else written_time(reading.last_event),
        "last_success": None if reading.last_success is None else written_time(reading.last_success),
        "failures": reading.failures,
        "reason": reading.last_reason,
        "leased_until": reading.leased_until,
    }
    return Event(status, _STYLES[status], " ".join(parts), fields)
