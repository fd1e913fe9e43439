"""Connections that clients keep, by the port that they come from: a function that was frozen finds its own dead.

A connection that a firewall or a load balancer has forgotten ends without a word: the client's next request is taken
by its own kernel, and nothing answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from twisted.internet import reactor

if TYPE_CHECKING:
    from collections.abc import Collection

# All of it is touched by twisted's thread alone.
_channels: WeakValueDictionary[int, Any] = WeakValueDictionary()


def note(channel: Any) -> None:
    """Know a connection from its first request on."""
    _channels[channel.transport.getPeer().port] = channel


def is_silent(channel: Any) -> bool:
    """Tell whether nothing is to be answered on a connection any more."""
    return getattr(channel, "baler_silent", False)


def silence(ports: Collection[int]) -> None:
    """Answer nothing any more on the connections from some ports of this machine; any thread may ask for it."""
    reactor.callFromThread(_silence, frozenset(ports))


def _silence(ports: Collection[int]) -> None:
    for port in ports:
        if (channel := _channels.get(port)) is not None:
            channel.baler_silent = True
