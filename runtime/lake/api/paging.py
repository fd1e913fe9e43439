"""`lastKey`: where a page ended, signed, so that nobody has to be believed about where a query may begin.

The order of all pages is: `captured_at`, newest first; of equal ones the source's name; and within a source the order
of its index. So one place is all that a page needs to know of the one before, however many sources are merged: of a
source whose name comes earlier everything with this `captured_at` is done, and of a later one nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from typing import TYPE_CHECKING, Final

from baler.lake.ids import RECORD_ID, SOURCE_NAME
from runtime.lake.api.ports import Place, Span
from runtime.lake.api.problems import ApiError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

LAST_KEY_MAX: Final = 512
"""Characters; the longest that is given out has 335."""

# Signed with the rest: another order or another content gets another word, and old ones are refused.
_VERSION: Final = "records-newest-first-1"
_TAG_BYTES: Final = 32
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_PARTS: Final = 5


def last_key(place: Place, source: str, key: bytes) -> str:
    """Return the `lastKey` of a page.

    Args:
        place: of its last record.
        source: the filter that the page was asked for with; "" for none.
        key: signs it.
    """
    payload = f"{_VERSION}\n{source}\n{place.captured_at}\n{place.source}\n{place.id}".encode()
    return base64.urlsafe_b64encode(_tag(payload, key) + payload).decode().rstrip("=")


def read_last_key(text: str, source: str, key: Callable[[], bytes]) -> Place:
    """Return the place where the page before ended.

    Args:
        text: as it was sent.
        source: the filter of this page; "" for none.
        key: asked for only where the text could be a key.

    Raises:
        ApiError: it was not given out here, or for another filter.
    """
    data = _decoded(text)
    if len(data) <= _TAG_BYTES:
        raise _wrong()
    tag, payload = data[:_TAG_BYTES], data[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(payload, key())):
        raise _wrong()
    parts = payload.decode().split("\n")
    if len(parts) != _PARTS or parts[:2] != [_VERSION, source]:
        raise _wrong()
    _, _, captured_at, of, record = parts
    # Ours, and so of these shapes, unless whoever has the key signs something else.
    if not (_TIME.fullmatch(captured_at) and SOURCE_NAME.fullmatch(of) and RECORD_ID.fullmatch(record)):
        raise _wrong()
    return Place(of, captured_at, record)


def span_behind(place: Place | None, source: str, oldest: str) -> Span | None:
    """Return what is left of a source behind a place; None where that is nothing.

    Args:
        place: where the page before ended; None for the first page.
        source: any that is merged.
        oldest: see `Span`.
    """
    if place is None:
        return Span(oldest)
    if place.captured_at < oldest:
        return None
    if source == place.source:
        return Span(oldest, place.captured_at, place)
    if source > place.source:
        return Span(oldest, place.captured_at)
    # Times are texts of one length, so this one, without its last character, is just before them.
    newest = place.captured_at[:-1]
    return None if newest < oldest else Span(oldest, newest)


def _decoded(text: str) -> bytes:
    if len(text) > LAST_KEY_MAX or not _SHAPE.fullmatch(text):
        raise _wrong()
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise _wrong() from error
    # The last character has bits that say nothing: only one spelling is ours.
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise _wrong()
    return data


def _tag(payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")


def _wrong() -> ApiError:
    return ApiError(
        Problem.LAST_KEY_INVALID,
        "lastKey is not one that this API gave out for this request; begin again without lastKey, and keep source as "
        "it is from page to page",
    )
