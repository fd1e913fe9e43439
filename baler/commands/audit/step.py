"""A step of an audit, which reports every few seconds how far it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.commands.audit.report import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event

_REPORT_SECONDS: Final = 5.0


@dataclass(slots=True)
class Step:
    """A step that reports every few seconds how far it is."""

    name: str
    noun: str
    report: Callable[[Event], None]
    began: float = field(default_factory=time.monotonic)
    reported: float = field(default_factory=time.monotonic)

    def at(self, done: int, *, last: bool = False) -> None:
        """Report, if it is time to, or the last time."""
        now = time.monotonic()
        if last or now - self.reported > _REPORT_SECONDS:
            self.reported = now
            self.report(progress(self.name, done, self.noun, now - self.began))
