from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from baler.files.bundle.manifest import Manifest, ManifestFile
from sandbox.demo.archive import InspectedBundle
from sandbox.demo.demo_result import DemoResult, judge
from sandbox.demo.files import SourceFile
from sandbox.demo.recipient import Arrivals
from sandbox.demo.upload import Uploaded
from sandbox.faults import Day, MadeFaults

if TYPE_CHECKING:
    from pathlib import Path

UPLOADED_AT = datetime(2026, 11, 20, 9, 0, 0, 400_000, tzinfo=UTC).timestamp()
# At the end of the second that S3 keeps.
MAILED_AT = datetime(2026, 11, 20, 9, 0, 8, tzinfo=UTC).timestamp()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Run:
    """Two files that went through well; a test spoils one thing."""

    def __init__(self, folder: Path) -> None:
        self.received = folder / "received"
        self.uploads = [self.uploaded(key, folder) for key in ("a", "sub/b")]
        self.bundles = [bundle("one", "a", "sub/b")]
        self.quarantined: dict[str, str] = {}
        self.repeated: list[str] = []
        self.unacknowledged: set[str] = set()
        self.landed_again: list[tuple[str, str]] = []
        self.is_pushed = False
        (self.received / "sub").mkdir(parents=True)
        for key in ("a", "sub/b"):
            (self.received / key).write_bytes(key.encode())

    @staticmethod
    def uploaded(key: str, folder: Path) -> Uploaded:
        return Uploaded(SourceFile(key, folder / key, len(key), sha256(key.encode())), "v1", UPLOADED_AT)

    def judge(self) -> DemoResult:
        times = {bundle.key: MAILED_AT for bundle in self.bundles if bundle.key not in self.unacknowledged}
        arrivals = Arrivals(
            times, "mailbox", self.quarantined, repeated=tuple(self.repeated), unacknowledged=self.is_pushed
        )
        landed = [*self.landed_again, *((upload.file.key, upload.version_id) for upload in self.uploads)]
        return judge(self.uploads, landed, self.bundles, self.received, arrivals)


def bundle(name: str, *keys: str, intact: bool = True, version: str = "v1") -> InspectedBundle:
    files = tuple(ManifestFile(key, version, len(key), "t", sha256(key.encode()), f"files/{key}") for key in keys)
    return InspectedBundle(name, 100, intact, Manifest(name, "t", files))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_what_came_back_byte_identical_once_is_exact(run: Run) -> None:
    result = run.judge()
    assert result.exact
    assert (result.files, result.bundles, result.lost, result.duplicated) == (2, 1, 0, 0)


def test_latency_is_from_the_end_of_the_upload_to_the_arrival_of_the_bundle(run: Run) -> None:
    assert run.judge().latencies == pytest.approx([7.6, 7.6])


def test_a_file_that_was_not_received_is_lost(run: Run) -> None:
    (run.received / "a").unlink()
    result = run.judge()
    assert (result.unreceived, result.lost, result.exact) == (["a"], 1, False)


def test_a_file_in_no_bundle_is_lost_though_the_consumer_has_it(run: Run) -> None:
    run.bundles = [bundle("one", "a")]
    result = run.judge()
    assert (result.unarchived, result.lost, result.exact) == (["sub/b"], 1, False)


def test_a_file_with_other_bytes_is_lost(run: Run) -> None:
    (run.received / "a").write_bytes(b"other")
    result = run.judge()
    assert (result.changed, result.lost, result.exact) == (["a"], 1, False)


def test_a_file_in_two_bundles_is_duplicated(run: Run) -> None:
    run.bundles.append(bundle("two", "a"))
    result = run.judge()
    assert (result.bundled_twice, result.duplicated, result.exact) == (["a"], 1, False)


def test_a_second_copy_at_the_consumer_is_duplicated(run: Run) -> None:
    (run.received / "a.~0123456789abcdef").write_bytes(b"a")
    result = run.judge()
    assert (result.unexpected, result.duplicated, result.exact) == (["a.~0123456789abcdef"], 1, False)


def test_a_bundle_with_a_wrong_hash_is_not_exact(run: Run) -> None:
    run.bundles = [replace(run.bundles[0], intact=False)]
    assert (run.judge().broken_bundles, run.judge().exact) == (["one"], False)


def test_a_bundle_that_was_put_aside_is_not_exact(run: Run) -> None:
    run.quarantined = {"one": "bad hash"}
    assert not run.judge().exact


def test_a_bundle_that_the_receiver_has_twice_is_duplicated(run: Run) -> None:
    run.repeated = ["other/one"]
    result = run.judge()
    assert (result.repeated, result.duplicated, result.exact) == (["other/one"], 1, False)


def test_a_bundle_without_a_receipt_is_not_exact_where_a_courier_delivers(run: Run) -> None:
    run.unacknowledged = {"one"}
    assert run.judge().exact
    run.is_pushed = True
    assert (run.judge().unacknowledged, run.judge().exact) == (["one"], False)


def result_of(latencies: list[float]) -> DemoResult:
    return DemoResult(files=0, bytes_in=0, bundles=0, bytes_out=0, latencies=sorted(latencies))


def test_percentiles_are_latencies_that_a_file_really_had() -> None:
    result = result_of([float(number) for number in range(1, 1001)])
    assert [result.percentile(share) for share in (50, 95, 99.9, 100)] == [500, 950, 999, 1000]
    assert result_of([4.0]).percentile(99.9) == 4.0


@pytest.mark.parametrize(
    ("latencies", "in_time"),
    [
        ([119.0] * 1000, True),
        ([100.0] * 950 + [170.0] * 50, True),
        ([100.0] * 940 + [130.0] * 60, False),
        ([100.0] * 990 + [181.0] * 10, False),
        ([], True),
    ],
)
def test_the_objective_is_on_both_percentiles(latencies: list[float], in_time: bool) -> None:  # noqa: FBT001 - a column
    assert result_of(latencies).in_time is in_time


def test_a_put_that_was_made_again_has_landed_twice_and_each_of_both_is_archived_once(run: Run) -> None:
    run.landed_again = [("a", "v0")]
    assert run.judge().unarchived == ["a"]
    run.bundles.append(bundle("two", "a", version="v0"))
    result = run.judge()
    assert (result.exact, result.landed_again, result.duplicated) == (True, 1, 0)
    run.bundles.append(bundle("three", "a", version="v0"))
    assert run.judge().bundled_twice == ["a"]


def test_the_summary_says_what_faults_were_made(run: Run) -> None:
    assert run.judge().to_json()["faults"] is None
    made = MadeFaults(Day("aws", 3), 9, {"s3": {"reset": 2}})
    assert replace(run.judge(), faults=made).to_json()["faults"] == {
        "profile": "aws",
        "seed": 3,
        "requests": 9,
        "total": 2,
        "by_service": {"s3": {"reset": 2}},
    }
