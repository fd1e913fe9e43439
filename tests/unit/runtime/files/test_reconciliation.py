"""What reconciliation finds and announces again, over stores in memory."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from harness.events import LANDING
from harness.reconciliation import MemoryClaimReader, MemoryProgress, MemoryQueue, MemoryVersions
from harness.stores import Faults, MemoryTable
from hypothesis import given
from hypothesis import strategies as st

from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.landed_file import LandedFile
from baler.files.notification import landed_files
from baler.files.reconciliation.announcement import announcement
from baler.files.reconciliation.judgement import Judge, Judgement
from baler.files.reconciliation.ports import Marker, VersionPage
from runtime.files.reconciliation.ports import Superseded
from runtime.files.reconciliation.progress import Progress, Sweep
from runtime.files.reconciliation.reconciler import Reconciler, ReconciliationReport, RunLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

HOUR = 3600
DAY = 24 * HOUR
NOW = 1_795_165_262.0
GRACE = 1.0 * HOUR
LIFETIME = 18 * DAY


def landed(key: str, *, age: float = 2.0 * HOUR, version: str | None = "v1") -> LandedFile:
    return LandedFile(LANDING, key, version, "an-etag", 5, datetime.fromtimestamp(NOW - age, UTC))


class Pipeline:
    """A landing bucket, the claims on its files, and reconciliation, at a time that a test sets."""

    def __init__(self, *files: LandedFile, page_size: int = 1000, queue_max: int = 1000) -> None:
        self.now = NOW
        self.faults = Faults()
        self.table = MemoryTable()
        self.files = list(files)
        self.versions = MemoryVersions(self.files, page_size, self.faults)
        self.reader = MemoryClaimReader(self.table, call=self.faults)
        self.queue = MemoryQueue(call=self.faults)
        self.progress = MemoryProgress(call=self.faults)
        self.told: list[tuple[str, Judgement]] = []
        self.limits = RunLimits(claim_lifetime_seconds=LIFETIME, queue_max=queue_max)

    def run(
        self, seconds_left: Callable[[], float] = lambda: 900.0, *, grace: float = GRACE, begin: bool = False
    ) -> ReconciliationReport:
        """One invocation."""
        reconciler = Reconciler(
            self.versions,
            self.reader,
            self.queue,
            self.progress,
            self.limits,
            lambda: self.now,
            lambda file, judgement: self.told.append((file.key, judgement)),
        )
        return reconciler.run(grace, seconds_left, begin=begin)

    def claim(self, file: LandedFile, bundle: str = "b1", *, lease: float = -HOUR, lives: int = LIFETIME) -> Claim:
        claim = Claim(file.identity, bundle, self.now + lease, int(self.now) + lives)
        self.table.claims[file.identity] = claim
        return claim

    def record(self, state: BundleState, bundle: str = "b1") -> None:
        self.table.record(BundleRecord(bundle, state, int(self.now) + LIFETIME))

    def deliver(self, file: LandedFile) -> None:
        bundle = f"bundle of {file.identity}"
        self.claim(file, bundle)
        self.record(BundleState.COMMITTED, bundle)

    def announced(self) -> list[str]:
        return [file.identity for body in self.queue.bodies for file in landed_files(body, LANDING)]


FILE = landed("k")
LANDED = FILE.event_time


def test_a_file_that_nobody_claimed_is_announced_again() -> None:
    pipeline = Pipeline(FILE)
    report = pipeline.run()
    assert pipeline.announced() == [FILE.identity]
    assert pipeline.told == [("k", Judgement.MISSING)]
    assert (report.judged, report.sent, report.complete) == ({Judgement.MISSING: 1}, 1, True)


def test_a_delivered_file_is_left_alone() -> None:
    pipeline = Pipeline(FILE)
    pipeline.deliver(FILE)
    assert pipeline.run().judged == {Judgement.DELIVERED: 1}
    assert pipeline.announced() == []


def test_a_file_whose_attempt_died_is_announced_however_far_its_bundle_came() -> None:
    unarchived, archived = landed("unarchived"), landed("archived")
    pipeline = Pipeline(unarchived, archived)
    pipeline.claim(unarchived, "b1")
    pipeline.claim(archived, "b2")
    pipeline.record(BundleState.ARCHIVED, "b2")
    assert pipeline.run().judged == {Judgement.UNFINISHED: 2}
    assert sorted(pipeline.announced()) == [archived.identity, unarchived.identity]


@pytest.mark.parametrize("state", [None, *BundleState])
def test_a_claim_whose_lease_runs_is_not_judged_and_is_seen_again_by_the_next_sweep(state: BundleState | None) -> None:
    pipeline = Pipeline(FILE)
    claim = pipeline.claim(FILE, lease=30)
    if state:
        pipeline.record(state)
    assert pipeline.run().judged == {Judgement.IN_PROGRESS: 1}
    assert pipeline.announced() == []
    # Its owner gave it back after it was read, and archived its bundle without the file.
    pipeline.table.give_back(claim)
    pipeline.record(BundleState.COMMITTED)
    pipeline.now += 3 * DAY
    assert pipeline.run().judged == {Judgement.MISSING: 1}
    assert pipeline.announced() == [FILE.identity]


def test_a_claim_that_was_given_back_or_has_expired_is_none() -> None:
    given_back, expired = landed("given back"), landed("expired")
    pipeline = Pipeline(given_back, expired)
    pipeline.table.give_back(pipeline.claim(given_back))
    pipeline.claim(expired, lives=-1)
    pipeline.record(BundleState.COMMITTED)
    assert pipeline.run().judged == {Judgement.MISSING: 2}


def test_a_file_among_the_dead_letters_is_counted_and_not_sent() -> None:
    pipeline = Pipeline(FILE)
    pipeline.reader.dead.add(FILE.identity)
    assert pipeline.run().judged == {Judgement.REJECTED: 1}
    assert pipeline.announced() == []


def test_files_that_may_be_on_their_way_and_files_older_than_a_claim_are_not_judged() -> None:
    fresh, known, forgotten = landed("fresh", age=GRACE - 1), landed("known", age=LIFETIME - 2 * HOUR), landed("old")
    forgotten = replace(forgotten, event_time=datetime.fromtimestamp(NOW - LIFETIME + HOUR / 2, UTC))
    pipeline = Pipeline(fresh, known, forgotten)
    assert pipeline.run().judged == {Judgement.MISSING: 1}
    assert pipeline.announced() == [known.identity]


def test_a_sweep_now_takes_files_that_landed_just_now_if_it_is_asked_to() -> None:
    pipeline = Pipeline(landed("fresh", age=1))
    assert pipeline.run().sent == 0
    assert pipeline.run(grace=0, begin=True).sent == 1


def test_versions_of_one_key_are_files_of_their_own_and_one_without_a_version_goes_by_its_etag() -> None:
    first, second, unversioned = landed("k"), landed("k", version="v2"), landed("k", version=None)
    pipeline = Pipeline(first, second, unversioned)
    pipeline.deliver(first)
    pipeline.run()
    assert sorted(pipeline.announced()) == [f"{LANDING}/k@an-etag", f"{LANDING}/k@v2"]


@given(
    key=st.text(min_size=1, max_size=300).filter(lambda key: len(key.encode("utf-8", "ignore")) <= 1024),
    version=st.none() | st.text("abcXYZ0189._-", min_size=1, max_size=40).filter(lambda text: text != "null"),
    size=st.integers(0, 2**40),
    at=st.integers(1_600_000_000, 4_000_000_000),  # S3 lists whole seconds
)
def test_the_aggregator_reads_from_the_message_exactly_the_file_that_landed(
    key: str, version: str | None, size: int, at: int
) -> None:
    event_time = datetime.fromtimestamp(at, UTC)
    file = LandedFile(LANDING, key, version, "d41d8cd98f00b204e9800998ecf8427e-2", size, event_time)
    assert list(landed_files(announcement(file), LANDING)) == [file]


def test_a_message_of_ours_can_be_told_from_one_of_s3() -> None:
    (record,) = json.loads(announcement(FILE))["Records"]
    assert record["s3"]["configurationId"] == "baler-reconciliation"


# --- one sweep over many runs


def many(count: int, prefix: str = "k") -> list[LandedFile]:
    return [landed(f"{prefix}{number:03}") for number in range(count)]


def test_a_sweep_that_runs_out_of_time_goes_on_behind_the_last_page_that_is_done() -> None:
    pipeline = Pipeline(*many(6), page_size=2)
    left = iter([900.0, 900.0, 59.0])
    first = pipeline.run(lambda: next(left))
    assert (first.sent, first.complete, first.stopped) == (4, False, "out of time")
    second = pipeline.run()
    assert (second.sent, second.complete, second.stopped) == (2, True, "")
    assert pipeline.announced() == [file.identity for file in pipeline.files]


CALLS = ["progress.load", "progress.save", "landing.list", "table.read", "queue.depth", "queue.send"]


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_wherever_a_run_gets_no_answer_a_later_one_leaves_no_file_out(call: str, when: str) -> None:
    delivered = landed("delivered")
    pipeline = Pipeline(delivered, *many(5), page_size=2)
    pipeline.deliver(delivered)
    getattr(pipeline.faults, when).add(call)
    report = pipeline.run()
    assert (report.complete, report.stopped) == (False, call)
    getattr(pipeline.faults, when).clear()
    assert pipeline.run().complete
    assert set(pipeline.announced()) == {file.identity for file in pipeline.files} - {delivered.identity}


def test_what_may_have_been_sent_counts_as_announced() -> None:
    pipeline = Pipeline(FILE)
    pipeline.faults.after.add("queue.send")
    assert pipeline.run().sent == len(pipeline.announced()) == 1


def test_the_queue_is_never_filled_above_its_limit_and_the_sweep_waits_for_it() -> None:
    pipeline = Pipeline(*many(10), page_size=4, queue_max=7)
    pipeline.queue.waiting = 1
    report = pipeline.run()
    assert (report.sent, report.stopped) == (6, "the queue is full")
    assert pipeline.run().sent == 0
    # The aggregator has worked all of it off.
    for file in pipeline.files[:6]:
        pipeline.deliver(file)
    pipeline.queue.waiting, pipeline.queue.bodies = 0, []
    report = pipeline.run()
    assert (report.sent, report.complete) == (4, True)
    assert pipeline.announced() == [file.identity for file in pipeline.files[6:]]


def test_nothing_is_sent_in_an_outage_whose_backlog_waits_in_the_queue() -> None:
    pipeline = Pipeline(*many(3), queue_max=7)
    pipeline.queue.waiting = 100_000
    report = pipeline.run()
    assert (report.sent, report.complete, report.stopped) == (0, False, "the queue is full")


def test_of_two_runs_at_once_one_goes_on() -> None:
    pipeline = Pipeline(*many(4), page_size=2)
    other = Pipeline(*pipeline.files, page_size=2)
    other.progress = pipeline.progress
    reports: list[ReconciliationReport] = []

    def seconds_left() -> float:
        if not reports:
            reports.append(ReconciliationReport())
            reports[0] = other.run(begin=True)
        return 900.0

    assert pipeline.run(seconds_left).stopped == "another run goes on"
    assert reports[0].complete
    assert set(other.announced()) == {file.identity for file in pipeline.files}


# --- one sweep a day


def test_a_sweep_begins_once_a_day_and_costs_nothing_in_between() -> None:
    pipeline = Pipeline(FILE)
    pipeline.run()
    pipeline.faults.made.clear()
    pipeline.now += 23 * HOUR
    assert pipeline.run() == ReconciliationReport(complete=True, age_seconds=GRACE + 23 * HOUR)
    assert pipeline.faults.made == ["progress.load"]
    pipeline.now += HOUR
    assert pipeline.run().judged


def test_the_next_sweep_judges_what_was_too_young_and_one_day_more() -> None:
    pipeline = Pipeline(landed("a settled"), landed("b once more", age=HOUR * 24), landed("c young", age=0.5 * HOUR))
    pipeline.files.append(landed("d long ago", age=3 * DAY))
    for file in pipeline.files:
        pipeline.deliver(file)
    assert pipeline.run().judged == {Judgement.DELIVERED: 3}
    pipeline.now += DAY
    assert pipeline.run().judged == {Judgement.DELIVERED: 3}
    pipeline.now += DAY
    assert pipeline.run().judged == {Judgement.DELIVERED: 1}


def test_a_file_that_is_not_settled_stays_under_watch_for_as_long_as_its_claim_would_live() -> None:
    pipeline = Pipeline(FILE)
    for _ in range(17):
        assert pipeline.run().sent == 1
        pipeline.now += DAY
    pipeline.now += DAY
    assert pipeline.run().judged == {}


def test_the_age_of_what_is_judged_grows_until_a_sweep_comes_to_its_end() -> None:
    pipeline = Pipeline(FILE)
    pipeline.faults.before.add("landing.list")
    assert pipeline.run().age_seconds == 0
    pipeline.now += 3 * DAY
    assert pipeline.run().age_seconds == 3 * DAY
    pipeline.faults.before.clear()
    assert pipeline.run().complete
    pipeline.now += DAY
    assert pipeline.run().age_seconds == GRACE


def test_an_age_that_is_not_known_is_none() -> None:
    pipeline = Pipeline(FILE)
    pipeline.faults.before.add("progress.load")
    assert pipeline.run().age_seconds is None


def test_a_clock_that_was_ahead_for_a_day_hides_no_file() -> None:
    pipeline = Pipeline(FILE)
    pipeline.deliver(FILE)
    pipeline.now += 300 * DAY
    pipeline.run()
    pipeline.now = NOW
    pipeline.files.append(landed("another"))
    assert pipeline.run().sent == 1


def test_a_sweep_that_is_asked_for_takes_the_place_of_one_under_way_and_leaves_nothing_out() -> None:
    pipeline = Pipeline(*many(4), page_size=2)
    left = iter([900.0, 0.0])
    pipeline.run(lambda: next(left))
    pipeline.files.append(landed("a new one, before the marker", age=HOUR + 1))
    assert pipeline.run(begin=True).sent == 5


def test_what_is_noted_is_of_the_generation_behind_what_was_noted() -> None:
    store = MemoryProgress()
    first = Progress.first(NOW).begin(NOW, GRACE)
    store.save(first)
    store.save(first)
    store.save(first.completed(Sweep(0.0, NOW)))
    with pytest.raises(Superseded):
        store.save(first)


# --- memory


class Endless:
    """Versions made up page by page, each claimed for a bundle of its own, and the claim table that says so."""

    def __init__(self, pages: int) -> None:
        self._pages = pages

    def page(self, after: Marker | None) -> VersionPage:
        number = 0 if after is None else int(after.key) + 1
        files = [LandedFile(LANDING, f"{number:06}/{each:04}", "v1", "etag", 5, LANDED) for each in range(1000)]
        return VersionPage(files, Marker(f"{number:06}", "v1") if number + 1 < self._pages else None)

    def claims(self, identities: Collection[str]) -> Mapping[str, Claim]:
        return {each: Claim(each, f"20261120T090000000Z-{each}", 0.0, 2**40) for each in identities}

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, BundleRecord]:
        return {each: BundleRecord(each, BundleState.COMMITTED, 2**40) for each in bundle_ids}

    def rejections(self, identities: Collection[str]) -> Mapping[str, str]:
        raise AssertionError(identities)


def told_nobody(_file: LandedFile, _judgement: Judgement) -> None: ...


def test_memory_is_bounded_whatever_the_bucket_holds() -> None:
    """Of 100,000 files and bundles a page and 50,000 ids are in memory at most, 11 MB; all ids take 14."""
    endless, pages = Endless(100), 100
    limits = RunLimits(LIFETIME, 10)
    reconciler = Reconciler(endless, endless, MemoryQueue(), MemoryProgress(), limits, lambda: NOW, told_nobody)
    tracemalloc.start()
    try:
        report = reconciler.run(GRACE, lambda: 900.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert report.judged == {Judgement.DELIVERED: pages * 1000}
    assert peak < 12_500_000


def test_a_bundle_that_was_delivered_is_asked_for_once() -> None:
    files = many(6)
    table = MemoryTable()
    faults = Faults()
    for file in files:
        table.claims[file.identity] = Claim(file.identity, "b1", 0.0, 2**40)
    table.record(BundleRecord("b1", BundleState.COMMITTED, 2**40))
    judge = Judge(MemoryClaimReader(table, call=faults))
    for part in (files[:3], files[3:]):
        assert {judgement for _, judgement in judge.judge(part, NOW)} == {Judgement.DELIVERED}
    assert faults.made == ["table.read"] * 3
