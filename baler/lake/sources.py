"""Sources of the lake, as a user declares them in one TOML file (docs/lake-sources.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from baler.lake.ids import SOURCE_NAME
from baler.lake.path import WHOLE, Path

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED: Final = frozenset(
    {
        "id",
        "source",
        "type",
        "captured_at",
        "changed_at",
        "generation",
        "fingerprint",
        "raw_s3_key",
        "document",
        "processed_at",
        "seen",
        "other_seen",
        "expires_at",
    }
)
"""Attributes of a record that are not the source's, so that no field may have such a name."""
PAGES_MAX: Final = 1000
"""Of one fetch, whatever a source declares."""

_FIELD_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_TYPE: Final = re.compile(r"[a-z0-9-]{1,32}")
# RFC 9110, 5.6.2: what a header's name is made of.
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_PORTS: Final = {"https": 443, "http": 80}
_OWN_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "if-modified-since",
        "if-none-match",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)


class FieldKind(StrEnum):
    """What a field's value is."""

    TEXT = "text"
    """A JSON string; a number becomes its own digits."""
    NUMBER = "number"
    """A JSON number of at most 38 digits, kept exactly."""
    BOOLEAN = "boolean"


class Kept(StrEnum):
    """What a record's document holds."""

    FIELDS = "fields"
    """The declared fields alone: whatever else a source sends, passwords included, stays in raw."""
    WHOLE = "whole"
    """The item as the source sent it, undeclared fields included."""


class PageKind(StrEnum):
    """How a source hands out more than one answer holds."""

    NONE = "none"
    PAGE = "page"
    """A parameter counts pages; an empty page is the last."""
    OFFSET = "offset"
    """A parameter counts records; an empty answer is the last."""
    CURSOR = "cursor"
    """The answer holds a word for the next request; without one it is the last."""
    LINK = "link"
    """The answer holds the next URL, in its body or in the header Link."""


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field.

    Attributes:
        name: of the attribute.
        path: in an item.
        kind: of its value; an item with a value of another kind is set aside. Null is as good as absent.
    """

    name: str
    path: Path
    kind: FieldKind = FieldKind.TEXT


@dataclass(frozen=True, slots=True)
class Pages:
    """How to ask for all of a source.

    Attributes:
        kind: see there.
        parameter: of the query that is set for each request; "" for kinds without.
        next: where an answer holds the cursor or the next URL; None for the header Link.
        first: the parameter's value for the first page (kind PAGE).
        most: pages of one fetch; one more is never asked for, and the run is named incomplete.
    """

    kind: PageKind = PageKind.NONE
    parameter: str = ""
    next: Path | None = None
    first: int = 1
    most: int = 100


@dataclass(frozen=True, slots=True)
class SecretHeader:
    """A header whose value is in the source's secret.

    Attributes:
        name: of the header.
        key: of the secret's JSON object.
    """

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Source:
    """One API that is fetched on schedule.

    Attributes:
        name: see `SOURCE_NAME`; a changed name is another source.
        type: what it holds, for people: "posts".
        url: of HTTPS, with its query.
        id: in an item: what the source calls it.
        fields: in the order of the declaration.
        records: where the array of items is; the whole answer by default.
        document: what a record's document holds.
        pages: how to ask for all.
        conditional: whether it is asked with If-None-Match and If-Modified-Since.
        headers: that authenticate.
        paused: it is not fetched; what was fetched of it is still shown.
    """

    name: str
    type: str
    url: str
    id: Path
    fields: tuple[Field, ...] = ()
    records: Path = WHOLE
    document: Kept = Kept.FIELDS
    pages: Pages = Pages()
    conditional: bool = False
    headers: tuple[SecretHeader, ...] = ()
    paused: bool = False


class DeclarationError(ValueError):
    """A declaration is wrong; the message says where and how to write it."""


def check_source(source: Source, open_origins: frozenset[str] = frozenset()) -> None:
    """Check what a declaration says beyond its shape.

    Args:
        source: as declared.
        open_origins: origins ("http://127.0.0.1:4510") that need not be of HTTPS: the sandbox's own stand-ins.

    Raises:
        DeclarationError: the first thing that is wrong.
    """
    for problem in _problems(source, open_origins):
        raise DeclarationError(f"source {source.name[:64]!r}: {problem}")


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL, as `open_origins` has them; without the port of its scheme.

    Raises:
        ValueError: its port is no number.
    """
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    own = parts.port is None or parts.port == _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if own else f":{parts.port}")


def _problems(source: Source, open_origins: frozenset[str]) -> Iterator[str]:
    if not SOURCE_NAME.fullmatch(source.name):
        yield 'name must be 1 to 32 of a-z, 0-9 and single hyphens between them, for example "random-user"'
    if not _TYPE.fullmatch(source.type):
        yield 'type must be 1 to 32 of a-z, 0-9 and hyphens, for example "posts"'
    yield from _url_problems(source.url, open_origins)
    if not source.id.keys:
        yield 'id must name a field of an item, for example "id"'
    yield from _field_problems(source)
    yield from _page_problems(source.pages)
    if source.conditional and source.pages.kind is not PageKind.NONE:
        yield "conditional is for sources of one answer: nothing says that all pages are unchanged"
    for header in source.headers:
        if not _HEADER.fullmatch(header.name) or header.name.lower() in _OWN_HEADERS:
            yield f"headers: {header.name[:64]!r} is not a header that a source may be sent"
        if not header.key:
            yield f"headers: {header.name} needs the key of the secret that has its value"


def _url_problems(url: str, open_origins: frozenset[str]) -> Iterator[str]:
    if not url.isascii() or not url.isprintable() or " " in url:
        yield "url must be written in ASCII, other characters percent-encoded"
        return
    try:
        parts = urlsplit(url)
        origin = origin_of(url)
    except ValueError:
        yield "url is no URL"
        return
    if not parts.hostname or (parts.scheme != "https" and origin not in open_origins):
        yield "url must begin with https:// and a host"
    if "@" in parts.netloc or parts.fragment:
        yield "url must have neither a user nor a fragment; what authenticates belongs into the secret"


def _field_problems(source: Source) -> Iterator[str]:
    names: set[str] = set()
    for field in source.fields:
        if not _FIELD_NAME.fullmatch(field.name):
            yield f"fields: {field.name[:64]!r} must be 1 to 64 letters, digits and underscores, a letter first"
        if field.name in RESERVED:
            yield f"fields: {field.name} is an attribute of every record; choose another name"
        if field.name in names:
            yield f"fields: {field.name} is there twice"
        if not field.path.keys:
            yield f"fields: {field.name} needs a path"
        names.add(field.name)
    if not source.fields and source.document is Kept.FIELDS:
        yield 'declare fields, or document = "whole"'


def _page_problems(pages: Pages) -> Iterator[str]:
    counted = pages.kind in {PageKind.PAGE, PageKind.OFFSET, PageKind.CURSOR}
    if counted and not re.fullmatch(r"[A-Za-z0-9_.\[\]-]{1,64}", pages.parameter):
        yield f"pages: {pages.kind} needs the name of the query's parameter"
    if not counted and pages.parameter:
        yield f"pages: {pages.kind} has no parameter"
    if pages.kind is PageKind.CURSOR and (pages.next is None or not pages.next.keys):
        yield 'pages: cursor needs next, where the answer holds it, for example "meta.next"'
    if pages.next is not None and pages.kind not in {PageKind.CURSOR, PageKind.LINK}:
        yield f"pages: {pages.kind} has no next"
    if not 1 <= pages.most <= PAGES_MAX:
        yield f"pages: most must be 1 to {PAGES_MAX}"
    if pages.first < 0:
        yield "pages: first must not be negative"
