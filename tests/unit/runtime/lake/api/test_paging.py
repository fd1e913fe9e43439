"""Places, spans and keys of pages by themselves: what no walk over moto meets."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from baler.lake.document import Number
from baler.lake.path import Path
from baler.lake.sources import Field, Source
from runtime.lake.api.paging import last_key, read_last_key, span_behind
from runtime.lake.api.ports import Place, Span, StoredRecord
from runtime.lake.api.problems import ApiError
from runtime.lake.api.record import record_text
from runtime.lake.api.records import PageRequest, read_page
from runtime.lake.api.view import View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

KEY: Final = b"k" * 32
OLDEST: Final = "2026-03-01T00:00:00Z"
PLACE: Final = Place("posts", "2026-03-08T10:00:00Z", "posts-1")
SOURCE: Final = Source("posts", "posts", "https://posts.example/", Path(("id",)), (Field("score", Path(("score",))),))


def stored(place: Place) -> StoredRecord:
    return StoredRecord(place.id, place.source, place.captured_at, {"captured_at": place.captured_at}, None, None)


class Moving:
    """Records of which one stands in the index at two places: it moved while the index was read."""

    def places(self, source: str, span: Span, at_once: int) -> Iterator[Place]:
        del source, span, at_once
        yield PLACE
        yield Place("posts", "2026-03-08T09:00:00Z", "posts-2")
        yield Place("posts", "2026-03-08T08:00:00Z", "posts-1")

    def read(self, ids: Collection[str], fields: Collection[str]) -> dict[str, StoredRecord]:
        del fields
        return {each: stored(Place("posts", "2026-03-08T08:00:00Z", each)) for each in ids}

    def get(self, record_id: str) -> StoredRecord | None:
        raise AssertionError(record_id)


@pytest.mark.parametrize("limit", [2, 3, 100])
def test_a_record_that_moves_is_once_in_a_page(limit: int) -> None:
    page = json.loads(read_page(PageRequest("", limit, None), Moving(), View({"posts": SOURCE}, 0, 0), lambda: KEY))
    assert [each["id"] for each in page["records"]] == ["posts-1", "posts-2"]
    assert (page["count"], page["lastKey"]) == (2, None)


@pytest.mark.parametrize("source", ["apples", "posts", "users"])
def test_a_page_behind_what_expired_meanwhile_asks_for_nothing(source: str) -> None:
    """DynamoDB refuses a range whose end is before its beginning, and a start outside of it."""
    assert span_behind(Place("posts", "2026-02-28T23:59:59Z", "posts-1"), source, OLDEST) is None


def test_a_page_behind_the_oldest_moment_asks_only_where_something_may_be() -> None:
    place = Place("posts", OLDEST, "posts-1")
    assert span_behind(place, "apples", OLDEST) is None
    assert span_behind(place, "posts", OLDEST) == Span(OLDEST, OLDEST, place)
    assert span_behind(place, "users", OLDEST) == Span(OLDEST, OLDEST)


@pytest.mark.parametrize("name", ["posts-1", "posts-12", "posts-123"])
def test_a_key_has_one_spelling(name: str) -> None:
    """The last character of base64 has bits that say nothing, unless the length is a multiple of three."""
    place = replace(PLACE, id=name)
    text = last_key(place, "", KEY)
    assert read_last_key(text, "", lambda: KEY) == place
    others = [text[:-1] + each for each in string.ascii_letters + string.digits + "-_" if each != text[-1]]
    for other in [*others, text + "=", text + "A"]:
        with pytest.raises(ApiError, match="lastKey is not one"):
            read_last_key(other, "", lambda: KEY)


@pytest.mark.parametrize(
    ("kept", "shown"), [(".5", "0.5"), ("5.", "5"), ("+5", "5"), ("1E+3", "1E+3"), ("0.10", "0.10"), ("007", "7")]
)
def test_a_number_is_one_in_json_however_the_store_writes_it(kept: str, shown: str) -> None:
    record = StoredRecord("posts-1", "posts", "", {"score": Number(kept)}, None, None)
    assert record_text(record, SOURCE) == f'{{"id":"posts-1","source":"posts","score":{shown}}}'
