"""A bundle is packed, hashed and kept in one pass: in memory while it is small, and read by nobody before it is put."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from datetime import UTC, datetime
from typing import IO, Any

import pytest

from baler.files.bundle import writer
from baler.files.bundle.writer import Bundle, BundleWriter
from baler.files.landed_file import LandedFile

NOW = 1_795_165_262.0
BUNDLE_ID = "20261120T090102000Z-3132333435363738"


class Spool(tempfile.SpooledTemporaryFile[bytes]):
    """One that counts how often it is read."""

    made: list[Spool] = []  # noqa: RUF012 - of the test that runs
    reads = 0

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.made.append(self)

    def read(self, *args: int) -> bytes:
        self.reads += 1
        return super().read(*args)


@pytest.fixture
def spool(monkeypatch: pytest.MonkeyPatch) -> list[Spool]:
    monkeypatch.setattr(Spool, "made", [])
    monkeypatch.setattr(writer, "SpooledTemporaryFile", Spool)
    return Spool.made


def packed(bundle_writer: BundleWriter, *bodies: bytes) -> Bundle:
    for number, body in enumerate(bodies):
        file = LandedFile("landing", f"k{number}", "v1", "etag", len(body), datetime.now(UTC))
        bundle_writer.add(file, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest())
    return bundle_writer.finish()


def content(body: IO[bytes]) -> bytes:
    body.seek(0)
    return body.read()


@pytest.mark.requirement("MINIO-INTEGRITY-03")
def test_the_hash_of_a_bundle_is_taken_while_it_is_written_and_not_by_reading_it(spool: list[Spool]) -> None:
    with BundleWriter(BUNDLE_ID, NOW, 1_000_000) as bundle_writer:
        bundle = packed(bundle_writer, os.urandom(100_000), os.urandom(50_000))
        assert [each.reads for each in spool] == [0]
        data = content(bundle.body)
    assert (bundle.sha256, bundle.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.requirement("MINIO-ARCHIVE-04", "PUSH-PLAN-02")
@pytest.mark.parametrize(("size", "on_disk"), [(10_000, False), (300_000, True)])
@pytest.mark.usefixtures("spool")
def test_a_bundle_is_in_memory_while_it_is_small_and_on_disk_past_that(size: int, *, on_disk: bool) -> None:
    with BundleWriter(BUNDLE_ID, NOW, 100_000) as bundle_writer:
        bundle = packed(bundle_writer, os.urandom(size))
        rolled: bool = Spool.made[0]._rolled  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]  # the standard library's
        assert rolled is on_disk
        assert hashlib.sha256(content(bundle.body)).hexdigest() == bundle.sha256
