"""What `baler redeliver` reports: names, numbers and the receiver's refusals, never content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal

from baler.cli.report import Event, quantity

if TYPE_CHECKING:
    from baler.commands.redeliver.quarantine import QuarantinedBundle
    from baler.commands.redeliver.service import Tally


def started(bundles: int, mailbox: str) -> Event:
    """A run begins, with so many bundles before it."""
    text = f"{quantity(bundles, 'bundle')} of the quarantine of {mailbox}"
    return Event("started", "bold", text, {"bundles": bundles, "mailbox": mailbox})


def would_redeliver(bundle: QuarantinedBundle, *, in_the_way: bool) -> Event:
    """What would be done with a bundle; `in_the_way`: the mailbox holds another delivery of it."""
    first = "let what the mailbox has of it be delivered, " if in_the_way else ""
    later = "" if bundle.settled else " in a minute"
    text = (
        f"{bundle.bundle_id}  {decimal(bundle.size)}, refused: {bundle.refusal}, set aside {_time(bundle)}: {first}"
        f"put it back into the mailbox{later}"
    )
    return Event("would", "cyan", text, {**_fields(bundle), "in_the_way": in_the_way})


def redelivered(bundle: QuarantinedBundle, *, already_there: bool) -> Event:
    """A bundle waits for the courier again; `already_there`: an earlier run, or one beside this, had put it there."""
    there = ", was there already" if already_there else ""
    text = f"{bundle.bundle_id}  {decimal(bundle.size)}, had been refused: {bundle.refusal}{there}"
    return Event("back", "green", text, {**_fields(bundle), "already_there": already_there})


def in_the_way(bundle: QuarantinedBundle) -> Event:
    """The mailbox holds another delivery of a bundle, over which nothing is put."""
    text = f"{bundle.bundle_id}  for the courier to take another delivery of it, a replay for example"
    return Event("waiting", "yellow", text, _fields(bundle))


def too_new(bundle: QuarantinedBundle) -> Event:
    """The courier may not be done with a bundle that it set aside a moment ago."""
    text = f"{bundle.bundle_id}  for the courier, which set it aside just now: again in a minute"
    return Event("waiting", "yellow", text, _fields(bundle))


def missing(bundle_id: str, *, named: bool) -> Event:
    """A bundle is not in the quarantine; `named`: it was asked for, and not just there a moment ago."""
    reason = "not in the quarantine: it was put back already, or never was set aside"
    style = "red" if named else "dim"
    return Event("missing", style, f"{bundle_id}  {reason}", {"bundle_id": bundle_id, "reason": reason})


def stopped(tally: Tally) -> Event:
    """The end of a run: what became of the bundles."""
    text = f"{tally.back} put back, {tally.waiting} waiting, {tally.missing} not there, {tally.left} left"
    fields = {
        "redelivered": tally.back,
        "waiting": tally.waiting,
        "missing": tally.missing,
        "left": tally.left,
    }
    return Event("stopped", "bold", text, fields)


def _fields(bundle: QuarantinedBundle) -> dict[str, str | int]:
    return {
        "bundle_id": bundle.bundle_id,
        "bytes": bundle.size,
        "refusal": bundle.refusal,
        "replay_id": bundle.replay_id,
        "set_aside_at": bundle.set_aside_at.isoformat(),
    }


def _time(bundle: QuarantinedBundle) -> str:
    return f"{bundle.set_aside_at:%Y-%m-%d %H:%M} UTC"
