"""Ingestion as Lambda calls it, over moto and a real server of sources."""

from __future__ import annotations

import importlib
import json
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.emf import samples, values
from harness.scripted_server import Says, answer, scripted_server

from baler.lake import metric_names
from baler.lake.declarations import shipped_declarations
from baler.lake.order import written_time
from baler.lake.raw_key import RawKey, RawMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POSTS = json.dumps([{"id": 1, "title": "a secret of posts"}]).encode()
USERS = json.dumps({"results": [{"login": {"uuid": "u-1", "password": "hunter2"}}]}).encode()
MODULE = "runtime.lake.ingestion.handler"


class Lake:
    """The function, deployed; `said` are the sources' answers by path."""

    def __init__(self) -> None:
        self.said: dict[str, Says] = {"/posts": answer(POSTS, etag='"1"'), "/api/?results=10": answer(USERS)}
        self.s3 = boto3.client("s3")

    def invoke(self, at: float) -> dict[str, Any]:
        return self.invoke_with({"time": written_time(datetime.fromtimestamp(at, UTC))})

    def invoke_with(self, event: dict[str, Any]) -> dict[str, Any]:
        context = SimpleNamespace(
            function_name="ingestion",
            memory_limit_in_mb=256,
            invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:ingestion",
            aws_request_id="r",
            get_remaining_time_in_millis=lambda: 60_000,
        )
        return sys.modules[MODULE].handle(event, context)

    def objects(self) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket="raw").get("Contents", [])
        keys = [item.get("Key", "") for item in found]
        return {key: self.s3.get_object(Bucket="raw", Key=key)["Body"].read() for key in keys}


@pytest.fixture
def lake(aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    _ = aws
    made = Lake()
    made.s3.create_bucket(Bucket="raw")
    boto3.client("dynamodb").create_table(
        TableName="sources",
        AttributeDefinitions=[{"AttributeName": "source", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "source", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with scripted_server(answer(b"", "404 Not Found"), by_path=made.said.get) as server:
        text = shipped_declarations()
        for origin in ("https://jsonplaceholder.typicode.com", "https://randomuser.me"):
            text = text.replace(origin, server.url)
        (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
        for name, value in {
            "STACK": "dev",
            "RAW_BUCKET": "raw",
            "SOURCES_TABLE": "sources",
            "SOURCES_FILE": str(tmp_path / "sources.toml"),
            "OPEN_ORIGINS": server.url,
            "STALE_SECONDS": "300",
            "POWERTOOLS_SERVICE_NAME": "ingestion",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        module = importlib.import_module(MODULE)
        yield made
        for client in (module._s3, module._dynamodb, module._secrets):
            client.close()
        del sys.modules[MODULE]


@pytest.mark.requirement("LAKE-FUTURE-03")
def test_two_sources_become_two_raw_objects_once(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    now = time.time()
    found = lake.invoke(now)
    assert [(one["source"], one["outcome"], one["records"]) for one in found["sources"]] == [
        ("jsonplaceholder", "published", 1),
        ("randomuser", "published", 1),
    ]
    objects = lake.objects()
    assert sorted(objects.values()) == sorted([POSTS, USERS])
    for key in objects:
        RawMetadata.parse(RawKey.parse(key), lake.s3.head_object(Bucket="raw", Key=key)["Metadata"])
    assert [one["outcome"] for one in lake.invoke(now)["sources"]] == ["done", "done"]
    assert lake.objects() == objects
    written = capsys.readouterr().out
    assert "hunter2" not in written
    assert "secret" not in written
    measured = samples(written.splitlines())
    assert values(measured, metric_names.RECORDS_INGESTED, stack="dev") == [2, 0]
    assert values(measured, metric_names.RECORDS_INGESTED, stack="dev", source="randomuser") == [1]


def test_a_source_that_is_down_or_says_nothing_new_leaves_the_other_alone(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    now = time.time()
    lake.invoke(now - 10)
    lake.said["/posts"] = Says(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    lake.said["/api/?results=10"] = answer(b'{"error":"Uh oh"}')
    capsys.readouterr()
    found = lake.invoke(now)["sources"]
    assert [(one["outcome"], one["reason"], one["failures"]) for one in found] == [
        ("unchanged", "", 0),
        ("failed", "no-records", 1),
    ]
    measured = samples(capsys.readouterr().out.splitlines())
    failed = {"stack": "dev", "source": "randomuser"}
    assert values(measured, metric_names.FAILURES_IN_A_ROW, **failed) == [1]
    assert values(measured, metric_names.SOURCE_FAILURES, **failed, reason="no-records") == [1]
    assert values(measured, metric_names.SOURCE_FAILURES, stack="dev", source="jsonplaceholder") == [0]


def test_a_stale_event_asks_nobody(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    assert lake.invoke(time.time() - 400) == {"sources": [], "stale": True}
    assert lake.objects() == {}
    measured = samples(capsys.readouterr().out.splitlines())
    assert values(measured, metric_names.STALE_EVENTS, stack="dev") == [1]


def test_an_event_whose_object_could_not_be_put_fails_and_is_put_by_its_retry(lake: Lake) -> None:
    now = time.time()
    lake.s3.delete_bucket(Bucket="raw")
    with pytest.raises(sys.modules[MODULE].StoresUnavailable):
        lake.invoke(now)
    lake.s3.create_bucket(Bucket="raw")
    assert [one["outcome"] for one in lake.invoke(now)["sources"]] == ["published", "published"]
    assert len(lake.objects()) == 2


def test_an_event_without_a_time_is_refused(lake: Lake) -> None:
    with pytest.raises(ValueError, match="time"):
        lake.invoke_with({"time": "now"})
