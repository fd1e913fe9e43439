"""What a stand-in says to one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Items: TypeAlias = list[dict[str, Any]]


class UnknownCommandError(ValueError):
    """Nobody can do what was asked for; the message says what can be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        status: of HTTP.
        body: exactly as sent.
        headers: beside Content-Length and Date.
        sent_bytes: so many of the body are sent, and the connection ends there; None for all.
        seconds: that the body takes, in pieces.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    sent_bytes: int | None = None
    seconds: float = 0.0


class Api(Protocol):
    """A stand-in's content, apart from HTTP and from faults."""

    path: str
    """The only one that it has."""

    def items(self, query: Mapping[str, str]) -> Items:
        """Return the items that a request gets.

        Raises:
            BadQueryError: the query says nothing that it knows.
        """
        ...

    def many(self, count: int) -> Items:
        """Return so many items, those of every request included."""
        ...

    def document(self, items: Items, query: Mapping[str, str]) -> Any:
        """Return what surrounds items in an answer to a request."""
        ...

    def headers(self, body: bytes) -> dict[str, str]:
        """Return the headers of a good answer."""
        ...

    def command(self, name: str, arguments: Mapping[str, str]) -> None:
        """Change what it has.

        Raises:
            UnknownCommandError: it cannot be changed in this way.
        """
        ...


class BadQueryError(ValueError):
    """A request's query has a value that the API refuses."""
