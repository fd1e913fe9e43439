from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from harness.lake_table import LakeTable
from harness.sightings import order

from baler.lake.counters import Day
from baler.lake.declarations import read_declarations, shipped_declarations
from baler.lake.raw_key import RawKey, RawMetadata
from baler.lake.refusal_reason import RefusalReason
from baler.lake.versions import Version, versions_of
from baler.store_errors import Unavailable
from runtime.lake.curation.curator import Curator, Outcome, Report
from runtime.lake.curation.reading import RawObject, reader_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.lake.counters import Counted
    from baler.lake.order import Order
    from runtime.lake.curation.reading import BadRecord
    from runtime.lake.curation.sighting import Sighting
    from runtime.lake.curation.transaction import Cancelled, Transaction

POSTS = "jsonplaceholder"
SOURCES = {each.name: each for each in read_declarations(shipped_declarations())}


@dataclass
class Bench(LakeTable):
    """The stores of a curator, and the curator."""

    raw: dict[str, RawObject] = field(default_factory=dict[str, RawObject])
    aside: dict[str, list[BadRecord]] = field(default_factory=dict[str, list["BadRecord"]])
    versions: dict[tuple[str, Order], Sighting] = field(default_factory=dict[tuple[str, "Order"], "Sighting"])
    keeps_versions: bool = False
    time: float = 0.0
    transactions: int = 0
    silent: str = ""

    def __post_init__(self) -> None:
        tokens = itertools.count()
        self.curator = Curator(
            raw=_Raw(self),
            read=reader_of(SOURCES),
            table=self,
            versions=_Versions(self) if self.keeps_versions else None,
            aside=_Aside(self),
            clock=self,
            random=lambda: 1.0,
            new_token=lambda: str(next(tokens)),
        )

    def ingest(self, body: bytes, at: Order, source: str = POSTS) -> str:
        """Put what a source answered; return its key."""
        key = RawKey.of(source, at.captured_at, body)
        metadata = RawMetadata(source, "posts", at, key.content_sha256, 0)
        self.raw[key.text] = RawObject(body, metadata.written())
        return key.text

    def curate(self, key: str, deadline: float = 60.0) -> Report:
        return self.curator.handle(key, None, deadline)

    def transact(self, transaction: Transaction, now: float = 0.0) -> Cancelled | None:
        self.transactions += 1
        if self.silent == "table":
            raise Unavailable("no answer")
        return super().transact(transaction, now)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class _Raw:
    bench: Bench

    def get(self, key: str, version: str | None) -> RawObject | None:
        del version
        if self.bench.silent == "raw":
            raise Unavailable("no answer")
        return self.bench.raw.get(key)


@dataclass
class _Versions:
    bench: Bench

    def put(self, sightings: Sequence[Sighting]) -> None:
        for each in sightings:
            self.bench.versions[each.id, each.order] = each


@dataclass
class _Aside:
    bench: Bench

    def put(self, key: str, records: Sequence[BadRecord]) -> None:
        if self.bench.silent == "aside":
            raise Unavailable("no answer")
        self.bench.aside[key] = list(records)


def posts(*titles: str) -> bytes:
    numbered = enumerate(titles, start=1)
    return json.dumps([{"id": n, "userId": 1, "title": title, "body": "text"} for n, title in numbered]).encode()


def counted(records: int) -> dict[Counted, int]:
    """What the counters say of records that were all captured first on one day."""
    day = Day(POSTS, date(2026, 3, 8))
    return {day: records, day.total: records}


def title(bench: Bench, number: int) -> object:
    return bench.items[f"{POSTS}-{number}"].sighting.fields["title"]


def test_new_records_are_inserted_and_counted_under_the_day_of_the_schedule() -> None:
    bench = Bench()
    key = bench.ingest(posts("red", "blue"), order("2026-03-08T23:58"))
    report = bench.curate(key)
    assert report.outcome is Outcome.CURATED
    assert report.tally is not None
    assert report.tally.inserted == 2
    assert bench.counted == counted(2)
    assert bench.items[f"{POSTS}-1"].raw_s3_key == key


@pytest.mark.requirement("LAKE-CURATE-02")
def test_a_message_that_comes_again_writes_nothing() -> None:
    bench = Bench()
    key = bench.ingest(posts("red", "blue"), order("2026-03-08T10:00"))
    bench.curate(key)
    before, transactions = dict(bench.items), bench.transactions
    report = bench.curate(key)
    assert report.tally is not None
    assert report.tally.unchanged == 2
    assert (bench.items, bench.transactions) == (before, transactions)


@pytest.mark.parametrize("queue", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("keeps_versions", [False, True])
@pytest.mark.requirement("LAKE-SCALE-02")
def test_a_source_that_goes_back_ends_where_it_went_back_to_whatever_the_queue_does(
    queue: tuple[int, ...], *, keeps_versions: bool
) -> None:
    bench = Bench(keeps_versions=keeps_versions)
    times = ["2026-03-08T10:00", "2026-03-08T10:05", "2026-03-08T10:10"]
    keys = [bench.ingest(posts(t), order(at)) for t, at in zip(["red", "blue", "red"], times, strict=True)]
    for each in (*queue, 2, 2):
        assert bench.curate(keys[each]).outcome is Outcome.CURATED
    assert title(bench, 1) == "red"
    known = bench.items[f"{POSTS}-1"].known
    assert (known.captured_at, known.other) == (order(times[0]).captured_at, order(times[1]))
    assert known.changed == known.seen == order(times[2])
    assert bench.items[f"{POSTS}-1"].raw_s3_key == keys[2]
    assert bench.counted == counted(1)
    if keeps_versions:
        kept = [Version(each.order, each.fingerprint, each.raw_s3_key) for each in bench.versions.values()]
        assert [each.raw_s3_key for each in versions_of(kept)] == keys


def test_an_older_message_does_not_bring_back_what_the_source_has_left() -> None:
    bench = Bench()
    first, last = order("2026-03-08T10:00"), order("2026-03-08T10:10")
    bench.curate(bench.ingest(posts("red"), first))
    late = bench.ingest(posts("blue"), order("2026-03-08T10:05"))
    bench.curate(bench.ingest(posts("red"), last))
    bench.curate(late)
    assert title(bench, 1) == "red"
    known = bench.items[f"{POSTS}-1"].known
    assert (known.captured_at, known.changed) == (first.captured_at, last), "it is what it was again, since the last"


def test_of_two_fetches_for_one_event_the_later_counts() -> None:
    bench = Bench()
    one, two = order("2026-03-08T10:00", 4), order("2026-03-08T10:00", 5)
    keys = [bench.ingest(posts("red"), one), bench.ingest(posts("blue"), two)]
    for key in reversed(keys):
        bench.curate(key)
    assert title(bench, 1) == "blue"


@pytest.mark.parametrize("backwards", [False, True])
def test_a_record_is_counted_under_its_first_day_also_if_that_comes_last(*, backwards: bool) -> None:
    bench = Bench()
    keys = [bench.ingest(posts("red", "blue"), order(f"2026-03-{day:02}T10:00")) for day in (8, 9, 10)]
    for key in reversed(keys) if backwards else keys:
        bench.curate(key)
    assert bench.counted == counted(2)
    known = {(item.known.captured_at, item.known.changed, item.known.seen) for item in bench.items.values()}
    first = order("2026-03-08T10:00")
    assert known == {(first.captured_at, first, order("2026-03-10T10:00"))}
    assert {item.raw_s3_key for item in bench.items.values()} == {keys[2]}


@pytest.mark.parametrize("queue", list(itertools.permutations(range(3))))
def test_a_record_was_captured_when_it_was_shown_first_and_not_only_on_that_day(queue: tuple[int, ...]) -> None:
    bench = Bench()
    keys = [bench.ingest(posts("red"), order(f"2026-03-08T10:0{minute}")) for minute in (0, 3, 6)]
    for each in queue:
        bench.curate(keys[each])
    assert bench.items[f"{POSTS}-1"].known.captured_at == order("2026-03-08T10:00").captured_at
    assert bench.counted == counted(1)


def test_what_cannot_be_known_of_a_change_is_known_once_raw_objects_are_curated_again() -> None:
    bench = Bench()
    times = [order(f"2026-03-08T10:{minute:02}") for minute in (0, 5, 10, 15)]
    keys = [bench.ingest(posts(each), at) for each, at in zip(["red", "blue", "red", "red"], times, strict=True)]
    for each in (0, 2, 3, 1):
        bench.curate(keys[each])
    assert bench.items[f"{POSTS}-1"].known.changed == times[3], "true, and later than need be"
    for key in keys:
        bench.curate(key)
    assert bench.items[f"{POSTS}-1"].known.changed == times[2]


def test_bad_records_of_a_good_answer_are_set_aside_with_their_place_and_reason() -> None:
    bench = Bench(invalid=frozenset({f"{POSTS}-2"}))
    body = json.loads(posts("red", "blue", "green"))
    key = bench.ingest(json.dumps([*body, 7, {"title": "no id"}]).encode(), order("2026-03-08T10:00"))
    report = bench.curate(key)
    assert (report.outcome, report.set_aside) == (Outcome.CURATED, 3)
    assert [(each.reason, each.place, each.id) for each in bench.aside[key]] == [
        ("not-an-object", 3, None),
        ("no-id", 4, None),
        ("refused-by-table", None, f"{POSTS}-2"),
    ]
    assert bench.counted == counted(2)


def test_a_table_that_takes_no_record_at_all_sets_none_aside() -> None:
    bench = Bench(poison=frozenset(f"{POSTS}-{number}" for number in (1, 2)))
    key = bench.ingest(posts("red", "blue"), order("2026-03-08T10:00"))
    report = bench.curate(key)
    assert (report.outcome, report.reason) == (Outcome.RETRY, "the table takes no record at all")
    assert not bench.aside


def test_a_document_too_large_for_the_table_stays_in_the_raw_object() -> None:
    bench = Bench()
    large = json.dumps([{"id": 1, "userId": 1, "title": "large", "body": "x" * 500_000}]).encode()
    key = bench.ingest(large, order("2026-03-08T10:00"))
    assert bench.curate(key).outcome is Outcome.CURATED
    kept = bench.items[f"{POSTS}-1"]
    assert (kept.sighting.document, kept.sighting.fields["title"], kept.raw_s3_key) == (None, "large", key)


@pytest.mark.parametrize("silent", ["raw", "table", "aside"])
@pytest.mark.requirement("LAKE-SCALE-02")
def test_a_store_that_does_not_answer_is_a_retry_and_then_all_is_as_if_it_had(silent: str) -> None:
    bench = Bench(silent=silent)
    body = json.loads(posts("red", "blue"))
    key = bench.ingest(json.dumps([*body, 7]).encode(), order("2026-03-08T10:00"))
    assert bench.curate(key).outcome is Outcome.RETRY
    bench.silent = ""
    assert bench.curate(key).outcome is Outcome.CURATED
    assert bench.counted == counted(2)
    assert len(bench.aside[key]) == 1


def test_what_ingestion_does_not_write_is_refused() -> None:
    bench = Bench()
    at = order("2026-03-08T10:00")
    key = bench.ingest(posts("red"), at)
    good = bench.raw[key]
    foreign = {
        "the key is none that ingestion makes": ("raw/other.json", good),
        "the bytes of the object do not hash to its key": (key, replace(good, content=b"[]")),
        "the metadata is none that ingestion writes": (key, replace(good, metadata={})),
    }
    for reason, (name, raw) in foreign.items():
        bench.raw = {name: raw}
        assert bench.curate(name) == Report(Outcome.REFUSED, reason, RefusalReason.FOREIGN_OBJECT)
    bench.raw = {}
    missing = Report(Outcome.REFUSED, "there is no such object", RefusalReason.OBJECT_MISSING)
    assert bench.curate(key) == missing
    undeclared = bench.ingest(posts("red"), at, source="removed")
    assert bench.curate(undeclared) == Report(Outcome.REFUSED, "its source is not declared", RefusalReason.UNREADABLE)
    html = bench.ingest(b"<html>", at)
    assert bench.curate(html) == Report(Outcome.REFUSED, "no answer of a source: not-json", RefusalReason.UNREADABLE)


def test_an_empty_answer_is_curated_without_a_call_of_the_table() -> None:
    bench = Bench(silent="table")
    assert bench.curate(bench.ingest(b"[]", order("2026-03-08T10:00"))).outcome is Outcome.CURATED


def test_a_thousand_records_take_eleven_transactions_and_a_second_fetch_none() -> None:
    bench = Bench()
    at = order("2026-03-08T10:00")
    body = posts(*map(str, range(1000)))
    bench.curate(bench.ingest(body, at))
    assert bench.transactions == 11
    later = replace(at, captured_at=at.captured_at + timedelta(minutes=5))
    report = bench.curate(bench.ingest(body, later))
    assert report.tally is not None
    assert report.tally.stamped == 1000
    assert bench.transactions == 11
