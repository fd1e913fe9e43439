"""Shows alarms as they fire and clear, and waits for those that are expected."""

from __future__ import annotations

import select
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from sandbox.rehearsal.alarm_watch import Change

_ASK_SECONDS: Final = 1.0
# A new stack's alarms of silence are on until what they watch has run once, and a busy machine is slow.
_PATIENCE_SECONDS: Final = 600.0


class Watch(Protocol):
    """Where alarms are asked for: `AlarmWatch`."""

    @property
    def on(self) -> frozenset[str]:
        """The alarms that were on when it was asked last."""
        ...

    def changed(self) -> Change:
        """Return what has changed since the last call."""
        ...


class AlarmShow:
    """Prints them.

    Args:
        watch: asks for them.
        console: shows them.
    """

    def __init__(self, watch: Watch, console: Console) -> None:
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
        on_enter: Callable[[], None] | None = None,
        quiet: bool = False,
    ) -> bool:
        """Wait until the alarms that are on are as expected, and return whether they are.

        Args:
            what: what is waited for.
            is_so: whether they are.
            patience: seconds; None for ever.
            on_enter: what is done when somebody presses Enter.
            quiet: whether alarms that fire and clear are left out.
        """
        deadline = time.monotonic() + patience if patience else None
        with self._console.status(f"Waiting: {what} …"):
            while True:
                self._print(self._watch.changed(), quiet=quiet)
                if is_so(self._watch.on):
                    return True
                if deadline and time.monotonic() > deadline:
                    still = ", ".join(sorted(self._watch.on)) or "no alarm"
                    self._console.print(f"[red]Not in {patience:.0f} s:[/] {what}. On: {still}.")
                    return False
                if on_enter is None:
                    time.sleep(_ASK_SECONDS)
                elif _enter_within(_ASK_SECONDS):
                    on_enter()

    def _print(self, changed: Change, *, quiet: bool) -> None:
        for what, names in (("[red]fires[/] ", changed.fired), ("[green]clears[/]", changed.cleared)):
            for name in () if quiet else sorted(names):
                self._console.print(f"  {self.seconds():4.0f} s  {what}  {name}")


def _enter_within(seconds: float) -> bool:
    """Return whether somebody pressed Enter."""
    if not sys.stdin.isatty():
        time.sleep(seconds)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready and sys.stdin.readline())
