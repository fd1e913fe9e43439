"""What a run shows, and what it does not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from loadtest.drain import Ending
from loadtest.files import Upload
from loadtest.ledger import DeliveryLedger
from loadtest.shapes import Phase, Shape
from loadtest.slo_result import Circumstances, Result, SloResult, judge, nearest_rank

GOOD = Circumstances(ending=Ending.DRAINED, unseen=frozenset(), vanished=0, broken=(), clock_error=0.01)


class KnownLatencies(DeliveryLedger):
    """A ledger of files whose latencies a test gives; None is a file that did not come."""

    def __init__(self, latencies: list[float | None]) -> None:
        super().__init__("run")
        self.known = latencies
        self.note_uploads(Upload(n, float(n), 0.0, 0.1, 1000.0, "v1", "") for n in range(len(latencies)))
        self.missing = {number for number, known in enumerate(latencies) if known is None}

    def latency(self, upload: Upload) -> float | None:
        return None if upload.error else self.known[upload.number]

    def change(self, numbers: range, *, late: float = 0.0, error: str = "") -> None:
        """Let some uploads start late or fail."""
        for number in numbers:
            self.uploads.note(self.uploads[number]._replace(late=late, error=error))


def load(*files: int) -> Shape:
    return Shape("load", tuple(Phase(count / 10, 10) for count in files))


def slo_result(latencies: list[float | None], circumstances: Circumstances = GOOD) -> SloResult:
    return judge(load(len(latencies)), KnownLatencies(latencies), circumstances)


def test_all_in_time_and_nothing_lost_is_met() -> None:
    met = slo_result([5.0] * 1000)
    assert (met.result, met.reasons, met.lost) == (Result.MET, (), frozenset())
    assert met.latencies == (5.0,) * 1000


@pytest.mark.parametrize(
    ("latencies", "result"),
    [
        ([119.0] * 1000, Result.MET),
        ([100.0] * 950 + [179.0] * 50, Result.MET),
        ([100.0] * 949 + [120.0] * 51, Result.MISSED),
        ([100.0] * 999 + [500.0], Result.MET),
        ([100.0] * 998 + [180.0] * 2, Result.MISSED),
    ],
)
def test_the_objective_is_on_both_percentiles(latencies: list[float | None], result: Result) -> None:
    assert slo_result(latencies).result is result


def test_one_lost_file_of_many_misses_it() -> None:
    missed = slo_result([1.0] * 9999 + [None])
    assert (missed.result, missed.lost, missed.reasons) == (Result.MISSED, {9999}, ("1 files are lost",))
    assert math.isinf(missed.latencies[-1])


def test_many_lost_files_are_also_infinitely_late() -> None:
    assert "p99.9 of upload to mailbox is inf s, not below 180 s" in slo_result([1.0] * 99 + [None]).reasons


@pytest.mark.parametrize("attribute", ["twice", "damaged"])
def test_a_file_that_came_twice_or_changed_misses_it(attribute: str) -> None:
    ledger = KnownLatencies([1.0] * 10)
    getattr(ledger, attribute).add(3)
    assert judge(load(10), ledger, GOOD).result is Result.MISSED


def test_a_damaged_bundle_misses_it() -> None:
    assert slo_result([1.0] * 10, replace(GOOD, broken=("key",))).result is Result.MISSED


def test_a_load_that_was_not_held_proves_nothing() -> None:
    ledger = KnownLatencies([1.0] * 1000)
    ledger.change(range(500, 511), late=1.5)
    shown = judge(load(100, 900), ledger, GOOD)
    assert shown.result is Result.INCONCLUSIVE
    assert [loaded.held for loaded in shown.loads] == [True, False]
    assert shown.loads[1].rate == pytest.approx(10 * 889 / 900)
    assert shown.reasons == ("the load was not held: 9.9 files/s in place of 10, so it proves nothing",)


def test_a_load_with_one_late_file_in_a_hundred_is_held() -> None:
    ledger = KnownLatencies([1.0] * 1000)
    ledger.change(range(10), late=1.5)
    assert judge(load(1000), ledger, GOOD).result is Result.MET


@pytest.mark.parametrize("refused", [11, 1000])
def test_files_that_s3_refused_are_not_load(refused: int) -> None:
    ledger = KnownLatencies([1.0] * 1000)
    ledger.change(range(refused), error="SlowDown")
    shown = judge(load(1000), ledger, GOOD)
    assert (shown.result, len(shown.latencies)) == (Result.INCONCLUSIVE, 1000 - refused)


def test_files_that_were_never_sent_are_not_load() -> None:
    assert judge(load(1000), KnownLatencies([1.0] * 900), GOOD).loads[0].rate == 9.0


def test_a_loss_counts_whatever_else_went_wrong() -> None:
    assert judge(load(1000), KnownLatencies([1.0, None]), GOOD).result is Result.MISSED


def test_what_is_on_its_way_when_somebody_interrupts_is_not_lost() -> None:
    shown = slo_result([1.0, None], replace(GOOD, ending=Ending.INTERRUPTED))
    assert (shown.result, shown.lost) == (Result.INCONCLUSIVE, frozenset())


def test_what_is_on_its_way_when_time_is_up_is_lost() -> None:
    assert slo_result([1.0, None], replace(GOOD, ending=Ending.OUT_OF_TIME)).lost == {1}


def test_a_file_that_is_archived_and_was_not_seen_points_at_a_consumer() -> None:
    shown = slo_result([1.0] * 99 + [None], replace(GOOD, unseen=frozenset({99})))
    assert (shown.result, shown.lost) == (Result.INCONCLUSIVE, frozenset())
    assert "1 files are in the archive and were not seen in the mailbox: stop the consumer" in shown.reasons[0]


def test_clocks_that_differ_prove_nothing() -> None:
    shown = slo_result([1.0] * 10, replace(GOOD, clock_error=2.5))
    assert shown.result is Result.INCONCLUSIVE
    assert "clocks of the machines differ by 2.5 s" in shown.reasons[0]


def test_percentiles_are_values_that_a_file_really_had() -> None:
    values = [float(number) for number in range(1, 1001)]
    assert [nearest_rank(values, percent) for percent in (50, 95, 99.9, 100)] == [500, 950, 999, 1000]
    assert nearest_rank([4.0], 99.9) == 4.0
