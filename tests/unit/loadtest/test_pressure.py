"""The cause of a late run is derived from what was measured, or unknown."""

from __future__ import annotations

import hashlib
import re

import pytest

from baler.files.bundle.manifest import Manifest, ManifestFile
from loadtest.files import Upload, content_of, key_of
from loadtest.ledger import DeliveryLedger
from loadtest.pressure import Backlog, Pressure, backlog_of, cause_of, peak_of, pressure_of
from loadtest.samples import EMULATOR, Sample, Use
from loadtest.shapes import shape_of

SEEN = [(0, 0.0, 0.0), (10, 2.0, 1.0), (25, 30.0, 10.0), (40, 56.0, 29.5), (50, 56.0, 29.5)]


def bundle(*numbers: int) -> Manifest:
    digests = {number: hashlib.sha256(content_of("run", number)).hexdigest() for number in numbers}
    files = (ManifestFile(key_of("run", number), "v1", 1, "t", digests[number], "m") for number in numbers)
    return Manifest(f"b{numbers[0]}", "t", tuple(files))


def sample(at: float, *, busy: float, emulator: float) -> Sample:
    """A look at two cores, of which so many seconds were worked since 0."""
    return Sample(at, 1000 + busy, 1000 + 2 * at - busy, 2, 0, {EMULATOR: Use(1, emulator, 1, 1)})


def test_the_peak_is_the_phase_of_the_highest_rate() -> None:
    assert peak_of(shape_of("burst")) == (10, 40)
    assert peak_of(shape_of("baseline")) == (0, 60)


def test_processor_time_is_that_of_the_peak_alone() -> None:
    samples = [sample(at, busy=busy, emulator=emulator) for at, busy, emulator in SEEN]
    assert pressure_of(samples, 10, 40) == Pressure(30, 2, 1.8, {EMULATOR: 0.95})


def test_a_part_that_came_later_counts_from_nothing() -> None:
    first, second = sample(0, busy=0, emulator=0), sample(10, busy=10, emulator=5)
    late = Sample(first.at, first.busy_seconds, first.idle_seconds, 2, 0, {})
    assert pressure_of([late, second], 0, 10) == Pressure(10, 2, 1.0, {EMULATOR: 0.5})


@pytest.mark.parametrize("count", [0, 1])
def test_of_fewer_than_two_looks_nothing_is_known(count: int) -> None:
    assert pressure_of([sample(5, busy=1, emulator=1)] * count, 0, 10) is None


@pytest.mark.parametrize(
    ("pressure", "says"),
    [
        (Pressure(30, 2, 1.95, {EMULATOR: 0.9}), "the processor was busy .*1.95 of 2 cores.*other programs 1.05"),
        (Pressure(30, 4, 1.5, {EMULATOR: 0.97}), "LocalStack was busy, one Python process"),
        (Pressure(30, 4, 1.5, {EMULATOR: 0.4}), "no processor was busy"),
        (None, "unknown"),
    ],
)
def test_the_cause_is_who_had_no_processor_left(pressure: Pressure | None, says: str) -> None:
    cause = cause_of(pressure, 0.0, {"queue": 20.0, "claim": 2.0})
    assert re.search(says, cause)
    assert cause.endswith("the slowest files spent 20.0 s of 22.0 s in: queue")


def test_a_generator_without_a_processor_is_seen_where_nothing_else_is() -> None:
    assert cause_of(None, 3.5, {}) == "the generator had no processor for 3.5 s"


def test_the_backlog_is_what_came_after_the_last_upload() -> None:
    ledger = DeliveryLedger("run", 3)
    ledger.note_uploads(Upload(n, 0.0, 0.0, 0.1, 100.0 + n, "v1", "") for n in range(3))
    assert backlog_of(ledger) == Backlog(3, None)
    ledger.note_bundle(bundle(0), 101.0)
    assert backlog_of(ledger) == Backlog(2, None), "one was there before"
    ledger.note_bundle(bundle(1, 2), 109.5)
    assert backlog_of(ledger) == Backlog(2, 7.5)
    ledger.uploads.note(Upload(3, 0.0, 0.0, 0.1, 500.0, None, "SlowDown"))
    assert backlog_of(ledger) == Backlog(2, 7.5), "an upload that failed does not end the load"
