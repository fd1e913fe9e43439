"""Uploads kept in arrays read as the uploads that were noted."""

from __future__ import annotations

import pytest

from loadtest.files import Upload
from loadtest.upload_log import UploadLog


def upload(number: int, *, version: str | None = "v1", error: str = "") -> Upload:
    return Upload(number, number / 10, 0.25, 0.125, 1000.5 + number, version, error)


@pytest.mark.parametrize("expected", [0, 3, 100])
def test_what_was_noted_is_read_whatever_was_expected(expected: int) -> None:
    log = UploadLog(expected)
    noted = [upload(2), upload(0, version=None), upload(7, error="SlowDown")]
    for each in noted:
        log.note(each)
    assert [log[each.number] for each in noted] == noted
    assert (list(log), len(log), 1 in log, log.get(5)) == ([0, 2, 7], 3, False, None)


def test_a_second_report_replaces_the_first() -> None:
    log = UploadLog(1)
    log.note(upload(0, error="SlowDown"))
    log.note(upload(0))
    assert (log[0], len(log)) == (upload(0), 1)


def test_of_a_delivered_file_the_version_alone_is_forgotten() -> None:
    log = UploadLog(1)
    log.note(upload(0))
    log.forget_version(0)
    assert log[0] == upload(0, version=None)
