"""Asks the API on an open-loop schedule: a request goes out at its moment however long those before it take."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from urllib.request import OpenerDirector

    from loadtest.shapes import Shape

_AT_ONCE: Final = 64
_SECONDS: Final = 30.0
_OK: Final = 200
_NO_ANSWER: Final = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer.

    Attributes:
        path: without what is the record's own.
        late: how much later than it was due it was sent, in seconds.
        seconds: until its whole answer was there.
        status: of HTTP; 0 where there was no answer.
    """

    path: str
    late: float
    seconds: float
    status: int

    @property
    def is_good(self) -> bool:
        """Whether it was answered with what it asked for."""
        return self.status == _OK


def read_on_schedule(url: str, ids: Sequence[str], shape: Shape) -> list[Asked]:
    """Ask for pages, records and analytics in turn, and return what became of each request.

    Args:
        url: of the API.
        ids: of records that there are.
        shape: when; what is due are requests.
    """
    opener = build_opener(ProxyHandler({}))
    start = time.monotonic()

    def ask(number: int, due: float) -> Asked:
        kind, path = _path(number, ids)
        late = time.monotonic() - start - due
        return _ask(opener, url + path, kind, late)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked: list[Future[Asked]] = []
        for number, due in enumerate(shape.arrivals()):
            time.sleep(max(0.0, start + due - time.monotonic()))
            asked.append(pool.submit(ask, number, due))
        return [each.result() for each in asked]


def _path(number: int, ids: Sequence[str]) -> tuple[str, str]:
    return (
        ("/records", "/records?limit=20"),
        ("/records/{id}", f"/records/{ids[number % len(ids)]}"),
        ("/analytics", "/analytics"),
        ("/records?source", "/records?limit=20&source=jsonplaceholder"),
    )[number % 4]


def _ask(opener: OpenerDirector, url: str, kind: str, late: float) -> Asked:
    sent = time.monotonic()
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            answer.read()
            status = answer.status
    except HTTPError as error:
        error.close()
        status = error.code
    except OSError:
        status = _NO_ANSWER
    return Asked(kind, late, time.monotonic() - sent, status)
