"""The questions: what was received, one bundle, quarantine, hooks that are due."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.filesize import decimal

from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period, PeriodError
from baler.cli.report import Event, quantity, stdout_reporter
from baler.commands.ledger.options import AsJson, End, Into, Start, State, opened_ledger

if TYPE_CHECKING:
    from datetime import datetime

    from baler.files.ledger.reader import ReceivedBundle

_STYLES: Final = {"removed": "green", "delivered": "yellow", "unpacked": "yellow"}


def list_bundles(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    into: Into = None,
    state: State = None,
    start: Start = None,
    end: End = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Only those that are not done with.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """List the bundles that were received, by the time of their delivery: all that the ledger remembers, or a period.

    `removed` is done with: delivered, and deleted from the mailbox. `delivered` is still to be deleted there,
    `unpacked` still to be put in place.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    report = stdout_reporter(as_json=as_json)
    bundles = files = size = 0
    with opened_ledger(into, state) as ledger:
        for bundle in ledger.bundles(period.start, period.end, unfinished=unfinished):
            bundles, files, size = bundles + 1, files + bundle.files, size + bundle.bytes
            report(_bundle_event(bundle))
    text = f"{quantity(bundles, 'bundle')}, {quantity(files, 'file')}, {decimal(size)}"
    report(Event("total", "bold", text, {"bundles": bundles, "files": files, "bytes": size}))


def show(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="A bundle's id.")],
    into: Into = None,
    state: State = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show one bundle: when it was received, when each file was in place, and which lie elsewhere than their key.

    Files are named by their position in the bundle's manifest, from 0. A bundle with a folder of its own has one time.
    """
    report = stdout_reporter(as_json=as_json)
    with opened_ledger(into, state) as ledger:
        found = ledger.bundle(bundle)
        if found is None:
            report(Event("missing", "red", f"The ledger has no bundle {bundle}.", {"bundle_id": bundle}))
            raise typer.Exit(ExitCode.NEEDS_ATTENTION)
        report(_bundle_event(found))
        places = ledger.places(bundle)
        for number, time in enumerate(ledger.file_times(bundle)):
            where = "" if number not in places or found.folder is not None else f"  {places[number]}"
            fields = {"number": number, "at": _text(time), "path": places.get(number)}
            report(Event("file", "dim", f"{number:>5}  {_text(time)}{where}", fields))
        if found.folder is not None:
            for number, path in places.items():
                text = f"{number:>5}  {found.folder}/{path}"
                report(Event("place", "dim", text, {"number": number, "path": f"{found.folder}/{path}"}))


def quarantine(into: Into = None, state: State = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the objects of the mailbox that could not be trusted, and why. They stay there (docs/on-premises.md)."""
    report = stdout_reporter(as_json=as_json)
    with opened_ledger(into, state) as ledger:
        noted = ledger.quarantine()
    for note in noted:
        report(Event("quarantine", "yellow", f"{note.key}: {note.reason}", asdict(note)))
    report(Event("total", "bold", f"{quantity(len(noted), 'object')} in quarantine", {"objects": len(noted)}))
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if noted else ExitCode.OK)


def hooks(into: Into = None, state: State = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the delivered bundles for which the hook has not succeeded yet, and how it failed last."""
    report = stdout_reporter(as_json=as_json)
    with opened_ledger(into, state) as ledger:
        due = ledger.due_hooks()
    for each in due:
        failed = f"failed {quantity(each.failures, 'time')}: {each.failure}" if each.failures else "not run yet"
        report(Event("hook", "yellow", f"{each.bundle_id}  {failed}", asdict(each)))
    report(Event("total", "bold", f"{quantity(len(due), 'hook')} due", {"hooks": len(due)}))
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if due else ExitCode.OK)


def check(into: Into = None, state: State = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Read all of the ledger and say whether it is whole, and which bundles are not done with.

    A consumer that works has one of those at times: delivered but not deleted in the mailbox, or not yet in place.
    """
    report = stdout_reporter(as_json=as_json)
    with opened_ledger(into, state) as ledger:
        wrong = ledger.findings()
        for bundle in ledger.bundles(unfinished=True) if not wrong else ():
            report(_bundle_event(bundle))
    for text in wrong:
        report(Event("damaged", "red", text, {"finding": text}))
    if not wrong:
        report(Event("whole", "green", "the ledger is whole", {}))
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if wrong else ExitCode.OK)


def _bundle_event(bundle: ReceivedBundle) -> Event:
    moment = "" if bundle.delivered_at is None else f"{_text(bundle.delivered_at)}  "
    text = f"{moment}{bundle.bundle_id}  {quantity(bundle.files, 'file')}, {decimal(bundle.bytes)}"
    text += "" if bundle.replay_id is None else f", replay {bundle.replay_id}"
    text += "" if bundle.folder is None else f", in {bundle.folder}/"
    fields: dict[str, Any] = asdict(bundle) | {
        "last_modified": _text(bundle.last_modified),
        "delivered_at": None if bundle.delivered_at is None else _text(bundle.delivered_at),
    }
    return Event(bundle.state, _STYLES[bundle.state], text, fields)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
