"""A file is one put: what was uploaded against what was delivered, in whatever order the news come."""

from __future__ import annotations

import hashlib

import pytest

from baler.files.bundle.manifest import Manifest, ManifestFile
from loadtest.files import Upload, content_of, key_of, number_of
from loadtest.ledger import DeliveryLedger

RUN = "20261120T090000Z-abcdef"


def upload(number: int, *, version: str | None = "v1", error: str = "") -> Upload:
    return Upload(number, due=0.0, late=0.0, seconds=0.1, finished=1000.0, version_id=version, error=error)


def bundle(*numbers: int, version: str | None = "v1", run: str = RUN, changed: bool = False) -> Manifest:
    files: list[ManifestFile] = []
    for number in numbers:
        body = b"other" if changed else content_of(run, number)
        digest = hashlib.sha256(body).hexdigest()
        files.append(ManifestFile(key_of(run, number), version, len(body), "t", digest, f"files/{number}"))
    return Manifest("id", "t", tuple(files))


def test_a_file_is_late_by_the_time_from_its_upload_to_the_mailbox() -> None:
    ledger = DeliveryLedger(RUN)
    assert ledger.note_uploads([upload(1), upload(2)]) == []
    assert ledger.missing == {1, 2}
    assert ledger.note_bundle(bundle(1), at=1007.5) == [7.5]
    assert (ledger.missing, ledger.latency(upload(1)), ledger.latency(upload(2))) == ({2}, 7.5, None)


def test_a_delivery_that_is_known_before_its_upload_counts_as_well() -> None:
    ledger = DeliveryLedger(RUN)
    assert ledger.note_bundle(bundle(1), at=1003.0) == []
    assert ledger.note_uploads([upload(1)]) == [3.0]
    assert ledger.missing == set()


def test_a_file_in_two_bundles_came_twice_and_has_the_first_ones_latency() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1)])
    assert ledger.note_bundle(bundle(1), at=1001.0) == [1.0]
    assert ledger.note_bundle(bundle(1), at=1009.0) == []
    assert (ledger.twice, ledger.latency(upload(1))) == ({1}, 1.0)


def test_a_file_twice_in_one_bundle_came_twice() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1)])
    ledger.note_bundle(bundle(1, 1), at=1001.0)
    assert ledger.twice == {1}


def test_another_version_of_the_key_is_not_the_file() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1)])
    assert ledger.note_bundle(bundle(1, version="v2"), at=1001.0) == []
    assert (ledger.missing, ledger.twice) == ({1}, set())


def test_a_bucket_without_versions_has_files_without_versions() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1, version=None)])
    assert ledger.note_bundle(bundle(1, version=None), at=1001.0) == [1.0]


def test_other_bytes_are_damage() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1)])
    ledger.note_bundle(bundle(1, changed=True), at=1001.0)
    assert ledger.damaged == {1}


def test_a_file_that_s3_refused_is_not_missed() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1, version=None, error="SlowDown")])
    assert ledger.missing == set()


def test_a_delivery_whose_upload_failed_or_was_not_reported_is_told() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_uploads([upload(1, version=None, error="the answer was lost"), upload(2)])
    ledger.note_bundle(bundle(1, 2, 3), at=1001.0)
    assert ledger.unreported == 2
    assert ledger.missing == set()


def test_files_of_others_are_nobodys_business() -> None:
    ledger = DeliveryLedger(RUN)
    ledger.note_bundle(bundle(1, run="another"), at=1001.0)
    assert (ledger.unreported, ledger.damaged) == (0, set())


@pytest.mark.parametrize(
    "key", ["loadtest/other/000000001.jsonl", f"loadtest/{RUN}/1.jsonl", f"loadtest/{RUN}/x.jsonl", "000000001.jsonl"]
)
def test_only_a_runs_own_keys_have_numbers(key: str) -> None:
    assert number_of(RUN, key) is None


def test_every_file_has_a_key_and_bytes_of_its_own() -> None:
    numbers = range(3000)
    assert [number_of(RUN, key_of(RUN, number)) for number in numbers] == list(numbers)
    contents = {content_of(RUN, number) for number in numbers}
    assert len(contents) == len(numbers)
    assert {len(content) for content in contents} == {2048}
    assert content_of(RUN, 1) != content_of("another", 1)
