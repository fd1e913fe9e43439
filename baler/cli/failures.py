"""What fails again and again is reported once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.cli.report import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from baler.cli.report import Event


class FailureReporter:
    """Reports a failure unless it is the same as before.

    Args:
        report: gets the events.
    """

    def __init__(self, report: Callable[[Event], None]) -> None:
        self._report = report
        self._known: dict[str | None, str] = {}

    def report(self, message: str, key: str | None = None, retry_seconds: float | None = None) -> None:
        """Report the failure of one object or bundle, or without a key of everything."""
        if self._known.get(key) != message:
            self._known[key] = message
            self._report(failure(message, key, retry_seconds))

    def clear(self, key: str | None) -> None:
        """Forget the failure of an object, or of everything: it is over."""
        self._known.pop(key, None)

    def keep(self, keys: Container[str]) -> None:
        """Forget the failures of all objects but these."""
        for key in [key for key in self._known if key is not None and key not in keys]:
            del self._known[key]
