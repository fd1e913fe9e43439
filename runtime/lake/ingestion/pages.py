"""Which request follows an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from baler.lake.document import Number
from baler.lake.sources import PageKind, origin_of

if TYPE_CHECKING:
    from baler.lake.sources import Source
    from runtime.lake.ingestion.ports import WebAnswer

# RFC 8288, as APIs write it: <URL>; rel="next". A URL has neither blanks nor these signs.
_NEXT_LINK: Final = re.compile(r"<(?P<url>[^<>\s]{1,4096})>(?P<rest>[^<]{0,1024})")
_REL_NEXT: Final = re.compile(r""";\s*rel\s*=\s*(?:next(?=[\s;,]|\Z)|"(?:[^"]*\s)?next(?:\s[^"]*)?")""", re.IGNORECASE)
_WORD_MAX: Final = 4096


class NextError(Exception):
    """What an answer says of the next request cannot be followed.

    Attributes:
        reason: why, in words with hyphens.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def first_url(source: Source) -> str:
    """Return the URL of a source's first request."""
    pages = source.pages
    if pages.kind is PageKind.PAGE:
        return _with_parameter(source.url, pages.parameter, str(pages.first))
    if pages.kind is PageKind.OFFSET:
        return _with_parameter(source.url, pages.parameter, "0")
    return source.url


def next_url(source: Source, document: object, answer: WebAnswer, *, pages: int, items: int) -> str | None:
    """Return the URL of the request after an answer that had items; None after the last.

    Args:
        source: as declared.
        document: of the answer.
        answer: that it came in.
        pages: answers so far, this one included.
        items: in all of them.

    Raises:
        NextError: it leads elsewhere, or is no word that can be sent.
    """
    declared = source.pages
    match declared.kind:
        case PageKind.NONE:
            return None
        case PageKind.PAGE:
            return _with_parameter(source.url, declared.parameter, str(declared.first + pages))
        case PageKind.OFFSET:
            return _with_parameter(source.url, declared.parameter, str(items))
        case PageKind.CURSOR:
            assert declared.next is not None  # noqa: S101 - as declarations are checked
            word = _word(declared.next.value_in(document))
            return _with_parameter(source.url, declared.parameter, word) if word else None
        case PageKind.LINK:
            found = _linked(answer) if declared.next is None else _word(declared.next.value_in(document))
            return _same_origin(source, urljoin(answer.url, found)) if found else None


def _word(value: object) -> str:
    """Return a cursor or URL of an answer; "" where there is none: absent, null, false or empty."""
    if isinstance(value, Number):
        return value.text
    if not isinstance(value, str):
        if value is None or isinstance(value, bool) or not isinstance(value, dict | list):
            return ""
        raise NextError("next-unreadable")
    if len(value) > _WORD_MAX or not value.isprintable():
        raise NextError("next-unreadable")
    return value


def _linked(answer: WebAnswer) -> str:
    for found in _NEXT_LINK.finditer(answer.headers.get("link", "")):
        if _REL_NEXT.search(found["rest"]):
            return found["url"]
    return ""


def _same_origin(source: Source, url: str) -> str:
    """Hold a link to the declared host: whoever answers must not choose whom else we ask."""
    try:
        here, there = origin_of(source.url), origin_of(url)
    except ValueError as error:
        raise NextError("next-unreadable") from error
    if here != there or "@" in urlsplit(url).netloc:
        raise NextError("next-elsewhere")
    return urlunsplit(urlsplit(url)._replace(fragment=""))


def _with_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = [(key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))
