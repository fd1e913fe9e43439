"""What goes wrong again and again is reported once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from baler.cli.report import Event, Trouble


class Troubles:
    """Reports a trouble unless it is the same as before.

    Args:
        report: told every event.
    """

    def __init__(self, report: Callable[[Event], None]) -> None:
        self._report = report
        self._known: dict[str | None, str] = {}

    def report(self, trouble: Trouble) -> None:
        """Report a trouble of one object, or of everything."""
        if self._known.get(trouble.key) != trouble.message:
            self._known[trouble.key] = trouble.message
            self._report(trouble)

    def clear(self, key: str | None) -> None:
        """Forget the trouble of an object, or of everything: it is over."""
        self._known.pop(key, None)

    def keep(self, keys: Container[str]) -> None:
        """Forget the troubles of all objects but these."""
        for key in [key for key in self._known if key is not None and key not in keys]:
            del self._known[key]
