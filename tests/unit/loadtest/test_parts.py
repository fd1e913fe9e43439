"""Where the time of files went: parts that add up to what was measured."""

from __future__ import annotations

import hashlib
import math

import pytest

from baler.files.bundle.manifest import Manifest, ManifestFile
from loadtest.files import Upload, content_of, key_of
from loadtest.ledger import DeliveryLedger
from loadtest.parts import PARTS, PartsTable, parts_table
from loadtest.timeline import BundleTimeline

STEPS = {"claim": 0.3, "fetch": 0.2, "bundle": 0.05, "archive": 0.1, "mailbox": 0.15}


def bundle(bundle_id: str, numbers: list[int | None]) -> Manifest:
    """A bundle of files by number; None is somebody else's."""
    files = [
        ManifestFile("theirs", "v", 1, "t", "0" * 64, "m")
        if number is None
        else ManifestFile(
            key_of("run", number), "v1", 1, "t", hashlib.sha256(content_of("run", number)).hexdigest(), f"m{number}"
        )
        for number in numbers
    ]
    return Manifest(bundle_id, "t", tuple(files))


def ledger_of(finished: list[float], bundles: dict[str, tuple[list[int | None], float]]) -> DeliveryLedger:
    ledger = DeliveryLedger("run", len(finished))
    ledger.note_uploads(Upload(n, 0.0, 0.0, 0.1, at, "v1", "") for n, at in enumerate(finished))
    for bundle_id, (numbers, at) in bundles.items():
        ledger.note_bundle(bundle(bundle_id, numbers), at)
    return ledger


def sums_up(table: PartsTable) -> bool:
    return all(
        math.isclose(math.fsum(column[part] for part in PARTS), column["whole"], abs_tol=0.006)
        for column in table.columns.values()
    )


def test_each_second_from_the_upload_to_the_mailbox_has_its_part() -> None:
    # Uploaded at 100, message at 100.5, received at 102, invoked at 104, delivered at 105, seen at 105.75.
    ledger = ledger_of([100.0], {"b": ([0], 105.75)})
    table = parts_table(ledger, {"b": BundleTimeline(105.0, 1.0, STEPS, [3.5], [2.0])})
    assert table.columns["mean"] == {
        "whole": 5.75,
        "event": 0.5,
        "queue": 1.5,
        "batch": 2.0,
        **STEPS,
        "seen": 0.75,
        "not explained": 0.2,
    }
    assert (table.files, table.known) == (1, 1)


def test_a_files_own_wait_is_found_by_its_place_beside_files_of_others() -> None:
    ledger = ledger_of([100.0, 103.0], {"b": ([None, 1, 0], 105.0)})
    timeline = BundleTimeline(105.0, 1.0, STEPS, [9.0, 1.0, 4.0], [0.0, 0.5, 0.5])
    table = parts_table(ledger, {"b": timeline})
    # Both messages were there at the end of their uploads, or the places are mixed up.
    assert table.columns["mean"]["event"] == 0
    assert table.columns["mean"]["queue"] == 2.0


@pytest.mark.parametrize(
    "timelines",
    [{}, {"other": BundleTimeline(105.0, 1.0, STEPS, [3.5], [2.0])}, {"b": BundleTimeline(105.0, 1.0, STEPS, [], [])}],
)
def test_what_the_log_does_not_tell_is_not_explained(timelines: dict[str, BundleTimeline]) -> None:
    table = parts_table(ledger_of([100.0], {"b": ([0], 105.0)}), timelines)
    assert table.columns["mean"]["not explained"] == table.columns["mean"]["whole"] == 5.0
    assert table.known == 0


def test_a_percentile_is_explained_by_the_files_around_it() -> None:
    # A thousand quick files of one bundle, and six slow ones whose time went in the queue.
    quick, slow = 1000, 6
    ledger = ledger_of(
        [100.0] * (quick + slow),
        {"quick": (list(range(quick)), 102.0), "slow": (list(range(quick, quick + slow)), 160.0)},
    )
    table = parts_table(
        ledger,
        {
            "quick": BundleTimeline(102.0, 1.0, STEPS, [1.0] * quick, [0.0] * quick),
            "slow": BundleTimeline(160.0, 1.0, STEPS, [59.0] * slow, [0.0] * slow),
        },
    )
    assert table.columns["p50"]["queue"] == 1.0
    assert table.columns["p99.9"]["queue"] == 59.0
    assert sums_up(table)


def test_a_run_that_delivered_nothing_has_no_columns() -> None:
    assert parts_table(ledger_of([100.0], {}), {}) == PartsTable({}, 0, 0)
