"""Calls that are made later, in the one thread that waits for everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import reactor

if TYPE_CHECKING:
    from collections.abc import Callable


def later(seconds: float, call: Callable[..., object], *arguments: Any) -> None:
    """Call after so many seconds; what is called must not block."""
    reactor.callFromThread(reactor.callLater, seconds, call, *arguments)
