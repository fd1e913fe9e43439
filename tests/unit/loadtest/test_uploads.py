"""The external party keeps its schedule whatever the latency, and tells where it did not."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import gevent
import pytest
from botocore.exceptions import ClientError

from loadtest.files import Upload, content_of, key_of
from loadtest.uploads import ExternalParty, Share

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass
class SlowS3:
    """Takes its time for every put."""

    seconds: float = 0.0
    refused: frozenset[str] = frozenset()
    puts: dict[str, bytes] = field(default_factory=dict[str, bytes])
    under_way: int = 0
    most_under_way: int = 0

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> dict[str, str]:  # noqa: N803 - boto3's names
        assert Bucket == "landing"
        if Key in self.refused:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, "PutObject")
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        gevent.sleep(self.seconds)
        self.under_way -= 1
        self.puts[Key] = Body
        return {"VersionId": f"version of {Key}"}


@dataclass
class Process:
    """An uploading process, and what it told."""

    s3: SlowS3
    phases: list[list[float]]
    index: int = 0
    of: int = 1
    reports: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    sizes: list[int] = field(default_factory=list[int])
    failures: list[Exception] = field(default_factory=list[Exception])

    def party(self) -> ExternalParty:
        share = Share("run", self.index, self.of, self.phases, "eu-west-2", "landing")
        return ExternalParty(cast("S3Client", self.s3), share, self._on_upload, self.reports.append)

    def _on_upload(self, _upload: Upload, size: int, failure: Exception | None) -> None:
        self.sizes.append(size)
        if failure is not None:
            self.failures.append(failure)

    @property
    def uploads(self) -> list[Upload]:
        return sorted(chain.from_iterable(report["uploads"] for report in self.reports))


def test_every_file_of_the_share_is_put_and_reported_once() -> None:
    process = Process(SlowS3(), [[0.1, 100]], index=1, of=2)
    process.party().upload_all()
    numbers = list(range(1, 10, 2))
    assert process.s3.puts == {key_of("run", number): content_of("run", number) for number in numbers}
    assert [upload.number for upload in process.uploads] == numbers
    assert [upload.version_id for upload in process.uploads] == [f"version of {key_of('run', n)}" for n in numbers]
    assert [report["done"] for report in process.reports][-1] is True
    assert process.sizes == [2048] * 5


def test_slow_answers_do_not_slow_the_load() -> None:
    process = Process(SlowS3(seconds=1.0), [[0.5, 60]])
    process.party().upload_all()
    assert process.s3.most_under_way > 1
    assert all(upload.seconds >= 1.0 for upload in process.uploads)
    assert [upload.due for upload in process.uploads] == pytest.approx([number / 60 for number in range(30)])


def test_where_it_cannot_keep_up_it_says_how_late_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadtest.uploads._CONCURRENCY", 1)
    process = Process(SlowS3(seconds=0.2), [[0.1, 50]])
    process.party().upload_all()
    assert process.s3.most_under_way == 1
    # The fifth was due after 0.08 s and had four before it.
    assert process.uploads[4].late >= 4 * 0.2 - 0.08 - 0.01


def test_a_refused_file_is_reported_and_the_others_are_put() -> None:
    process = Process(SlowS3(refused=frozenset({key_of("run", 1)})), [[0.1, 30]])
    process.party().upload_all()
    assert [bool(upload.error) for upload in process.uploads] == [False, True, False]
    assert "SlowDown" in process.uploads[1].error
    assert len(process.failures) == 1


def test_stopping_it_stops_its_uploads_and_reports_what_was_done() -> None:
    process = Process(SlowS3(seconds=60), [[60, 20]])
    party = process.party()
    running = gevent.spawn(party.upload_all)  # pyright: ignore[reportUnknownVariableType]  # gevent's own stub
    with gevent.Timeout(30):
        while process.s3.under_way < 2:
            gevent.sleep(0.01)
        process.s3.seconds = 0
        while not process.s3.puts:
            gevent.sleep(0.01)
        running.kill()
    assert len(party._under_way) == 0  # pyright: ignore[reportPrivateUsage]  # its absence cannot be waited for
    assert [upload.number for upload in process.uploads] == [2]
    assert process.reports[-1]["done"] is False
