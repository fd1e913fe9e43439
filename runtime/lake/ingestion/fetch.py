"""All that a source has, asked for page by page within one deadline."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Final

from baler.lake.normalise import NoAnswerError, answer_of, items_of
from runtime.lake.ingestion.pages import NextError, first_url, next_url
from runtime.lake.ingestion.ports import WebError, WebRequest
from runtime.lake.ingestion.retry import ATTEMPTS_MAX, backoff_seconds, may_pass, retry_after_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from baler.lake.sources import Source
    from runtime.lake.ingestion.ports import Web, WebAnswer
    from runtime.lake.ingestion.source_state import Remembered

FETCH_BYTES_MAX: Final = 12 * 1024 * 1024
"""Unpacked, of all pages of a fetch: they are held until it is known whether anything is new. Ten thousand of
RandomUser's users have 11 MB; what a hostile answer of this size takes to parse fits into 256 MB beside the rest."""

_VALIDATOR_MAX: Final = 512


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that has items.

    Attributes:
        content: exactly as received, but unpacked.
        count: of its items.
    """

    content: bytes = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source has.

    Attributes:
        pages: those with items, in order.
        incomplete: why there may be more, or "".
        content_sha256: of all answers; "" if incomplete.
        etag, last_modified: validators of the only answer, or "".
    """

    pages: tuple[Page, ...]
    incomplete: str = ""
    content_sha256: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source says that it has what it had."""


class FetchError(Exception):
    """The source gave no answer at all, or none that is one.

    Attributes:
        reason: why, in words with hyphens.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks a source.

    Attributes:
        web: where it is.
        clock: the time, seconds since the epoch.
        sleep: waits so many seconds.
        turn: of the source that parses an answer, which takes many times its memory: one at a time.
    """

    web: Web
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    turn: Lock = field(default_factory=Lock)

    def fetch(
        self,
        source: Source,
        secret_headers: tuple[tuple[str, str], ...],
        deadline: float,
        remembered: Remembered | None = None,
    ) -> Fetched | NotModified:
        """Return what a source has.

        What goes wrong after the first page ends the fetch and keeps the pages so far.

        Args:
            source: as declared.
            secret_headers: that authenticate.
            deadline: of all of it, seconds since the epoch.
            remembered: of the last fetch by the same declaration; asks the source to say whether it changed.

        Raises:
            FetchError: there is no first page.
        """
        walk = _Walk(source)
        validators = _validators(source, remembered)
        headers = (("Accept", "application/json"), *validators)
        url: str | None = first_url(source)
        while url is not None:
            try:
                walk.check(url)
                answer = self._answer(WebRequest(url, headers, secret_headers, deadline, walk.bytes_left))
                if validators and answer.status == HTTPStatus.NOT_MODIFIED:
                    return NotModified()
                with self.turn:
                    url = walk.take(answer)
            except NoAnswerError as error:
                return walk.broken_off(error.reason.value, error)
            except (FetchError, NextError) as error:
                return walk.broken_off(error.reason, error)
        return walk.whole()

    def _answer(self, request: WebRequest) -> WebAnswer:
        """Ask until there is an answer that another try would not change, or no time is left for one."""
        attempt = 1
        while True:
            wait = backoff_seconds(attempt)
            try:
                answer = self.web.get(request)
            except WebError as error:
                if not error.may_pass:
                    raise FetchError(error.reason) from error
                reason = error.reason
            else:
                if not may_pass(answer.status):
                    return answer
                reason = f"http-{answer.status}"
                wait = max(wait, retry_after_seconds(answer.headers.get("retry-after", ""), self.clock()))
            # A source that wants to be left alone for longer is: the next run asks again.
            if attempt == ATTEMPTS_MAX or self.clock() + wait >= request.deadline:
                raise FetchError(reason)
            self.sleep(wait)
            attempt += 1


class _Walk:
    """What a fetch has seen so far."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pages: list[Page] = []
        self._seen: set[str] = set()
        self._digest = hashlib.sha256()
        self._headers: Mapping[str, str] = {}
        self.bytes_left = FETCH_BYTES_MAX

    def check(self, url: str) -> None:
        """Refuse a request that a source leads to without end."""
        if len(self._pages) >= self._source.pages.most:
            raise FetchError("too-many-pages")
        if url in self._seen:
            raise FetchError("cursor-repeated")
        self._seen.add(url)

    def take(self, answer: WebAnswer) -> str | None:
        """Keep the items of an answer, and return the URL of the next request; None after the last."""
        if answer.status != HTTPStatus.OK:
            raise FetchError(f"http-{answer.status}")
        document = answer_of(answer.body)
        count = len(items_of(self._source, document))
        content_sha256 = hashlib.sha256(answer.body).hexdigest()
        self._digest.update(content_sha256.encode())
        self._headers = answer.headers
        if not count:
            return None
        if content_sha256 in self._seen:
            raise FetchError("page-repeated")
        self._seen.add(content_sha256)
        self.bytes_left -= len(answer.body)
        self._pages.append(Page(answer.body, count))
        items = sum(page.count for page in self._pages)
        return next_url(self._source, document, answer, pages=len(self._pages), items=items)

    def broken_off(self, reason: str, error: Exception) -> Fetched:
        """Return the pages so far.

        Raises:
            FetchError: there are none.
        """
        if not self._pages:
            raise FetchError(reason) from error
        return Fetched(tuple(self._pages), incomplete=reason)

    def whole(self) -> Fetched:
        """Return all that the source has."""
        return Fetched(
            tuple(self._pages),
            content_sha256=self._digest.hexdigest(),
            etag=_validator(self._headers, "etag"),
            last_modified=_validator(self._headers, "last-modified"),
        )


def _validators(source: Source, remembered: Remembered | None) -> tuple[tuple[str, str], ...]:
    if not source.conditional or remembered is None:
        return ()
    headers = (("If-None-Match", remembered.etag), ("If-Modified-Since", remembered.last_modified))
    return tuple((name, value) for name, value in headers if value)


def _validator(headers: Mapping[str, str], name: str) -> str:
    """Return what can be sent back as it is; anything else is as good as none."""
    value = headers.get(name, "")
    return value if len(value) <= _VALIDATOR_MAX and value.isascii() and value.isprintable() else ""
