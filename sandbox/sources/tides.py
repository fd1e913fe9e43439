"""A source of a kind that neither public API is of: readings of tide gauges, page by page, by a cursor."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sandbox.sources.answer import BadQueryError, UnknownCommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.sources.answer import Items

READINGS: Final = 100
PAGE: Final = 40
_GAUGES: Final = ("Greenwich", "Leith", "Milford Haven", "Newlyn", "Whitby")
_FIRST: Final = datetime(2026, 11, 1, tzinfo=UTC)


class Tides:
    """The readings, which threads may share.

    Args:
        seed: the same makes the same readings.

    Attributes:
        path: of them.
    """

    path = "/v1/readings"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._lock = Lock()
        self._count = READINGS

    def items(self, query: Mapping[str, str]) -> Items:
        """Return the page that the query's `cursor` leads to, the first one where it has none.

        Raises:
            BadQueryError: it leads nowhere.
        """
        start = _start(query)
        return self._readings()[start : start + PAGE]

    def many(self, count: int) -> Items:
        """Return so many readings."""
        return self._made_up(count)

    def document(self, items: Items, query: Mapping[str, str]) -> Any:
        """Return a page, and where the next one is."""
        after = _start(query) + len(items)
        more = len(items) == PAGE and after < len(self._readings())
        return {"data": items, "meta": {"count": len(items), "next": _cursor(after) if more else None}}

    def headers(self, body: bytes) -> dict[str, str]:  # noqa: ARG002 - none depends on it
        """Return what it says of a body."""
        return {"Content-Type": "application/json"}

    def add(self) -> None:
        """Add a reading."""
        with self._lock:
            self._count += 1

    def command(self, name: str, arguments: Mapping[str, str]) -> None:  # noqa: ARG002 - none is needed
        """Do `add`.

        Raises:
            UnknownCommandError: it is not that.
        """
        if name != "add":
            raise UnknownCommandError("tides know add")
        self.add()

    def _readings(self) -> Items:
        with self._lock:
            return self._made_up(self._count)

    def _made_up(self, count: int) -> Items:
        random = Random(self._seed)  # noqa: S311 - made-up content
        return [
            {
                "reading": f"r-{number:05}",
                "gauge": {"name": random.choice(_GAUGES), "datum": "ODN"},
                "level_m": round(random.uniform(-3, 6), 3),
                "rising": random.random() < 0.5,  # noqa: PLR2004 - a coin
                "taken_at": f"{_FIRST + timedelta(minutes=15 * number):%Y-%m-%dT%H:%M:%SZ}",
            }
            for number in range(count)
        ]


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode().rstrip("=")


def _start(query: Mapping[str, str]) -> int:
    cursor = query.get("cursor", "")
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("from:"))
    except ValueError as error:
        raise BadQueryError("the cursor leads nowhere") from error
