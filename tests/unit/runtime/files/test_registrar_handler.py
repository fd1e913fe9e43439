"""The registrar's handler: what it registers, publishes and returns."""

from __future__ import annotations

import importlib
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.archive import ARCHIVE, ArchiveSite
from moto import mock_aws

from baler.files.aws.archive_objects import S3ArchiveObjects
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Handle = Callable[..., dict[str, Any]]


class Context:
    """What Lambda passes beside the event."""

    function_name = "registrar"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-2:111122223333:function:registrar"
    aws_request_id = "a-request"

    def get_remaining_time_in_millis(self) -> int:
        return 870_000


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchiveSite]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with mock_aws():
        yield ArchiveSite(boto3.client("s3"))


@pytest.fixture
def handle(site: ArchiveSite, monkeypatch: pytest.MonkeyPatch) -> Handle:  # noqa: ARG001 - it is there
    monkeypatch.setenv("STACK", "test")
    monkeypatch.setenv("ARCHIVE_BUCKET", ARCHIVE)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "registrar")
    monkeypatch.delitem(sys.modules, "runtime.files.registrar.handler", raising=False)
    module = importlib.import_module("runtime.files.registrar.handler")

    def call(event: dict[str, Any] | None = None) -> dict[str, Any]:
        return module.handle(event or {}, Context())

    return call


def age_in(output: str) -> float:
    lines = [json.loads(line) for line in output.splitlines() if "_aws" in line]
    return lines[-1]["RegisterAge"][0]


def test_it_registers_what_was_archived_and_publishes_how_far_the_register_is(
    site: ArchiveSite, handle: Handle, capsys: pytest.CaptureFixture[str]
) -> None:
    site.archive(datetime.now(UTC) - timedelta(hours=5), [("a", b"1"), ("b", b"2")])
    answer = handle()
    assert (answer["pages"], answer["bundles"], answer["files"], answer["complete"]) == (1, 1, 2, True)
    assert 1200 <= answer["register_age_seconds"] < 1300
    assert 1200 <= age_in(capsys.readouterr().out) < 1300
    assert len(site.pages()) == 1


def test_days_that_lie_further_back_are_looked_through_on_demand(site: ArchiveSite, handle: Handle) -> None:
    now = datetime.now(UTC)
    site.archive(now - timedelta(hours=30), [("a", b"1")])
    handle()
    site.archive(now - timedelta(days=30), [("b", b"1")])
    assert handle()["pages"] == 0
    assert handle({"from": f"{now - timedelta(days=31):%Y-%m-%d}"})["pages"] == 1


def test_a_store_that_does_not_answer_publishes_no_age(
    site: ArchiveSite, handle: Handle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("list the archive: SlowDown")

    site.archive(datetime.now(UTC) - timedelta(hours=5), [("a", b"1")])
    monkeypatch.setattr(S3ArchiveObjects, "listed", fail)
    answer = handle()
    assert (answer["complete"], answer["stopped"], answer["register_age_seconds"]) == (
        False,
        "list the archive: SlowDown",
        None,
    )
    assert '"RegisterAge": [' not in capsys.readouterr().out
