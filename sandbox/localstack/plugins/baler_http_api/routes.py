"""Which route a request takes.

A full match of the path comes first, then one with a greedy variable, then `$default`:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT = "$default"

# Of the segments of a route: the more of a path it names, the more specific it is.
_GREEDY, _VARIABLE, _LITERAL = range(3)


class HasRouteKey(Protocol):
    """A route."""

    @property
    def route_key(self) -> str:
        """Such as `GET /records/{id}`."""
        ...


Route = TypeVar("Route", bound=HasRouteKey)


class _Match(NamedTuple):
    ranks: tuple[int, ...]
    names_method: bool


def choose(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the most specific route of a request, and its path parameters; None where there is none."""
    best: tuple[_Match, Route, dict[str, str]] | None = None
    for route in routes:
        if route.route_key == DEFAULT:
            found, parameters = _Match((), names_method=False), {}
        else:
            wanted, _, template = route.route_key.partition(" ")
            matched = _match(template, path) if wanted in {method, "ANY"} else None
            if matched is None:
                continue
            found, parameters = _Match(matched[0], names_method=wanted != "ANY"), matched[1]
        if best is None or found > best[0]:
            best = found, route, parameters
    return best[1:] if best else None


def _match(template: str, path: str) -> tuple[tuple[int, ...], dict[str, str]] | None:
    ranks: list[int] = []
    parameters: dict[str, str] = {}
    segments = _segments(path)
    for index, part in enumerate(_segments(template)):
        if part.startswith("{") and part.endswith("+}"):
            rest = "/".join(segments[index:])
            if not rest:
                return None
            return (*ranks, _GREEDY), parameters | {part[1:-2]: rest}
        if index >= len(segments):
            return None
        if part.startswith("{") and part.endswith("}"):
            if not segments[index]:
                return None
            parameters[part[1:-1]] = segments[index]
            ranks.append(_VARIABLE)
        elif part == segments[index]:
            ranks.append(_LITERAL)
        else:
            return None
    return (tuple(ranks), parameters) if len(ranks) == len(segments) else None


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")
