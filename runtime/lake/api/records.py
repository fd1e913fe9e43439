"""Records in pages, newest first, of one source or of all.

A page ends when it has as many as were asked for, or with the record that makes it too large; that it goes on is said
only where a record was seen behind it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from runtime.lake.api.paging import last_key, span_behind
from runtime.lake.api.record import record_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runtime.lake.api.ports import Place, Records, StoredRecord
    from runtime.lake.api.view import View

LIMIT_MAX: Final = 100
LIMIT_DEFAULT: Final = 20
PAGE_BYTES_MAX: Final = 1024 * 1024
"""Of a page of more than one record. Lambda takes answers of 6 MB, in which the runtime writes what is not ASCII, and
quotes, as escapes: at most three bytes for one."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page.

    Attributes:
        source: the filter; "" for all that are declared.
        limit: records at most.
        after: where the page before ended; None for the first.
    """

    source: str
    limit: int
    after: Place | None


def read_page(asked: PageRequest, records: Records, view: View, key: Callable[[], bytes]) -> str:
    """Return the answer to `GET /records`.

    Args:
        asked: which page.
        records: table and index.
        view: what is shown.
        key: gives what signs `lastKey`; asked for only where there is one.
    """
    # One more than the page has, so that no page ever leads to an empty one.
    shown = _shown(_merged(asked, records, view), asked.limit + 1, records, view)
    texts: list[str] = []
    size = 0
    for _, record in shown[: asked.limit]:
        text = record_text(record, view.sources[record.source])
        size += len(text.encode("utf-8", "backslashreplace"))
        if texts and size > PAGE_BYTES_MAX:
            break
        texts.append(text)
    goes_on = len(texts) < len(shown)
    following = f'"{last_key(shown[len(texts) - 1][0], asked.source, key())}"' if goes_on else "null"
    return f'{{"records":[{",".join(texts)}],"count":{len(texts)},"lastKey":{following}}}'


def _merged(asked: PageRequest, records: Records, view: View) -> Iterator[Place]:
    """Yield places in the order of pages; see `paging`."""
    names = [asked.source] if asked.source else sorted(view.sources)
    streams = [
        records.places(name, span, asked.limit + 1)
        for name in names
        if (span := span_behind(asked.after, name, view.oldest_time)) is not None
    ]
    ranks = {name: -rank for rank, name in enumerate(names)}
    # Equal ones, which are of one source, stay in the order that the index has.
    return heapq.merge(*streams, key=lambda place: (place.captured_at, ranks[place.source]), reverse=True)


def _shown(places: Iterator[Place], wanted: int, records: Records, view: View) -> list[tuple[Place, StoredRecord]]:
    """Return the first records that are there, with their places. The index follows the table a moment later."""
    names = {field.name for source in view.sources.values() for field in source.fields}
    shown: dict[str, tuple[Place, StoredRecord]] = {}
    at_once = wanted
    while len(shown) < wanted and (some := list(islice(places, at_once))):
        found = records.read([each.id for each in some], names)
        for place in some:
            record = found.get(place.id)
            # One that moves meanwhile to an earlier day may be met twice.
            if record is not None and view.shows(record):
                shown.setdefault(place.id, (place, record))
        # Thousands may be over and not yet deleted: not one call for each, where one record is wanted still.
        at_once = LIMIT_MAX
    return list(shown.values())[:wanted]
