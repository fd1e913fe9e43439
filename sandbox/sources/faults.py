"""What a stand-in does wrong on request: what the lake's sources have done to others."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sandbox.sources.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.sources.answer import Api, Items

MANY: Final = 10_000
_SLOW_SECONDS: Final = 3.0
_RETRY_AFTER_SECONDS: Final = 1
_DUPLICATES: Final = 10
_HTML: Final = b"<!DOCTYPE html><html><head><title>Be right back</title></head><body>Maintenance</body></html>"
_ERROR: Final = b'{"error":"Uh oh, something has gone wrong. Please tweet us @randomapi about the issue. Thank you."}'


class FaultKind(StrEnum):
    """Faults."""

    SERVER_ERROR = "500"
    TOO_MANY_SECONDS = "429-seconds"
    """Retry-After is a number of seconds."""
    TOO_MANY_DATE = "429-date"
    """Retry-After is a date."""
    SLOW = "slow"
    """A good answer, in pieces, over three seconds."""
    HALF_BODY = "half-body"
    """The connection ends before the length that was announced."""
    CUT_JSON = "cut-json"
    """Half of the JSON, and the length is right."""
    HTML = "html"
    """Status 200, and a page for people."""
    ERROR = "error"
    """Status 200, and `{"error": …}`: what RandomUser says when it is overloaded."""
    EMPTY = "empty"
    """Status 200, and no body."""
    CHANGED_SHAPE = "changed-shape"
    """The items are where nobody looks for them."""
    DUPLICATES = "duplicates"
    """Ten of the items are there twice."""
    MANY = "many"
    """Ten thousand items."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was asked for.

    Attributes:
        kind: which.
        times: so many answers have it; None for all until it is taken back.
    """

    kind: FaultKind
    times: int | None = None

    def after_one(self) -> Fault | None:
        """Return what is left of it after one answer."""
        if self.times is None:
            return self
        return replace(self, times=self.times - 1) if self.times > 1 else None


def answer_of(api: Api, query: Mapping[str, str], fault: FaultKind | None) -> Answer:
    """Return what an API says to a request.

    Raises:
        BadQueryError: it refuses the query.
    """
    items = api.many(MANY) if fault is FaultKind.MANY else api.items(query)
    if fault is FaultKind.DUPLICATES:
        items = [*items, *items[:_DUPLICATES]]
    good = _good(api, items, query, shape=fault is not FaultKind.CHANGED_SHAPE)
    return _spoiled(good, fault)


def is_good(fault: FaultKind | None) -> bool:
    """Whether an answer with a fault has the source's items, all of which must come to be records."""
    return fault in {None, FaultKind.SLOW, FaultKind.DUPLICATES, FaultKind.MANY}


def _good(api: Api, items: Items, query: Mapping[str, str], *, shape: bool) -> Answer:
    document = api.document(items, query) if shape else {"payload": {"entries": items}}
    body = json.dumps(document, indent=2, ensure_ascii=False).encode()
    return Answer(200, body, api.headers(body))


def _spoiled(good: Answer, fault: FaultKind | None) -> Answer:
    match fault:
        case FaultKind.SLOW:
            return replace(good, seconds=_SLOW_SECONDS)
        case FaultKind.HALF_BODY:
            return replace(good, sent_bytes=len(good.body) // 2)
        case FaultKind.CUT_JSON:
            return _json(good.body[: len(good.body) // 2])
        case FaultKind.TOO_MANY_DATE:
            moment = datetime.now(UTC) + timedelta(seconds=_RETRY_AFTER_SECONDS)
            return Answer(429, b"", {"Retry-After": format_datetime(moment, usegmt=True)})
        case _:
            return _CONSTANT.get(fault, good) if fault else good


def _json(body: bytes) -> Answer:
    return Answer(200, body, {"Content-Type": "application/json"})


_CONSTANT: Final[Mapping[FaultKind, Answer]] = {
    FaultKind.SERVER_ERROR: Answer(500, b"Internal Server Error", {"Content-Type": "text/plain"}),
    FaultKind.TOO_MANY_SECONDS: Answer(429, b"", {"Retry-After": str(_RETRY_AFTER_SECONDS)}),
    FaultKind.HTML: Answer(200, _HTML, {"Content-Type": "text/html"}),
    FaultKind.ERROR: _json(_ERROR),
    FaultKind.EMPTY: _json(b""),
}
