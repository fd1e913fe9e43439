"""A rehearsal from start to end."""

from __future__ import annotations

import select
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sandbox.alone import alone
from sandbox.rehearsal.alarm_watch import AlarmWatch
from sandbox.rehearsal.pulumi_up import answered_pulumi_up
from sandbox.rehearsal.repair import repair
from sandbox.rehearsal.stages import opened_stage
from sandbox.terminal.environment import write_environment, write_profiles
from sandbox.terminal.programs import described
from sandbox.terminal.terminal import Terminal
from sandbox.time_lapse import set_time_lapse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from sandbox.rehearsal.fault import Broken, Fault

_ASK_SECONDS: Final = 1.0
# A new stack's alarms of silence are on until what they watch has run once, and a busy machine is slow.
_PATIENCE_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was asked for.

    Attributes:
        fault: what is to be wrong.
        by_itself: whether the page's commands are typed by this program.
        port: where LocalStack listens.
        folder: gets everything that the rehearsal leaves.
    """

    fault: Fault[Any]
    by_itself: bool
    port: int
    folder: Path


def rehearse(rehearsal: Rehearsal, console: Console) -> bool:
    """Let a stack work, break it, see the alarms fire, and wait until it is repaired; prints as it goes.

    Returns:
        whether the alarms fired that should, and all are off in the end.

    Raises:
        SandboxError: something is missing or in the way, or a command of the page failed.
    """
    fault, folder = rehearsal.fault, rehearsal.folder
    with alone(folder):
        _empty(folder)
        with opened_stage(fault, console, folder=folder, port=rehearsal.port) as stage:
            deployed = stage.deployed
            up = folder.resolve() / "up-is-asked-for"
            env = write_environment(deployed, folder, up=up)
            set_time_lapse(deployed.endpoint, deployed.name, fault.factor, waits=fault.waits)
            console.print(Text(f"Alarms: time passes {fault.factor:g} times as fast, periods last 10 s or more", "dim"))
            show = _Show(AlarmWatch(stage.aws, deployed.name), console)
            if not show.wait("all is well", lambda on: not on):
                return False
            broken = fault.break_it(stage)
            show.restart()
            console.print(f"\n[bold]Broken:[/] {fault.summary}.")
            with answered_pulumi_up(up, broken.put_back):
                if not show.wait(f"{', '.join(fault.alarms)}", lambda on: on >= set(fault.alarms)):
                    return False
                console.print(f"\n[bold]Open {fault.path}[/]")
                if rehearsal.by_itself:
                    terminal = _terminal(stage.deployed, folder, up)
                    repair(fault, broken, terminal, console)
                    if broken.who:
                        console.print(f"And {broken.who}.")
                    broken.others()
                    well = show.wait("all is well again", lambda on: not on)
                else:
                    _invite(console, env, broken)
                    well = show.wait("all is well again", lambda on: not on, patience=None, others=broken)
                if well:
                    console.print(f"\n[bold green]Well again[/], {show.seconds():.0f} s after it was broken.")
                return well


class _Show:
    """Prints alarms as they fire and clear."""

    def __init__(self, watch: AlarmWatch, console: Console) -> None:
        self._watch = watch
        self._console = console
        self._begin = time.monotonic()

    def restart(self) -> None:
        """Count seconds from now."""
        self._begin = time.monotonic()

    def seconds(self) -> float:
        """Return how long ago that was."""
        return time.monotonic() - self._begin

    def wait(
        self,
        what: str,
        is_so: Callable[[frozenset[str]], bool],
        *,
        patience: float | None = _PATIENCE_SECONDS,
        others: Broken | None = None,
    ) -> bool:
        """Wait until the alarms that are on are as expected, and return whether they are.

        Args:
            what: what is waited for.
            is_so: whether they are.
            patience: seconds; None for ever.
            others: what is done when somebody presses Enter.
        """
        deadline = time.monotonic() + patience if patience else None
        with self._console.status(f"Waiting: {what} …"):
            while True:
                changed = self._watch.changed()
                for name in sorted(changed.fired):
                    self._console.print(f"  {self.seconds():4.0f} s  [red]fires[/]   {name}")
                for name in sorted(changed.cleared):
                    self._console.print(f"  {self.seconds():4.0f} s  [green]clears[/]  {name}")
                if is_so(self._watch.on):
                    return True
                if deadline and time.monotonic() > deadline:
                    still = ", ".join(sorted(self._watch.on)) or "no alarm"
                    self._console.print(f"[red]Not in {patience:.0f} s:[/] {what}. On: {still}.")
                    return False
                if others and _enter_within(_ASK_SECONDS):
                    others.others()
                elif not others:
                    time.sleep(_ASK_SECONDS)


def _invite(console: Console, env: Path, broken: Broken) -> None:
    console.print(f"In another terminal, in this folder: [bold]. {env}[/], then what the page says to type.")
    if broken.hint:
        console.print(broken.hint)
    if broken.who:
        console.print(f"Press Enter here, and {broken.who}. Ctrl-C ends the rehearsal.")
    else:
        console.print("Ctrl-C ends the rehearsal.")


def _enter_within(seconds: float) -> bool:
    """Return whether somebody pressed Enter."""
    if not sys.stdin.isatty():
        time.sleep(seconds)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready and sys.stdin.readline())


def _terminal(deployed: Any, folder: Path, up: Path) -> Terminal:
    place = folder.resolve() / "terminal"
    place.mkdir()
    return Terminal(place, described(deployed, up=up), write_profiles(deployed, folder))


def _empty(folder: Path) -> None:
    """Remove what an earlier rehearsal or sandbox left."""
    for name in ("received", "received.state", "receiver", "terminal", "lake"):
        shutil.rmtree(folder / name, ignore_errors=True)
