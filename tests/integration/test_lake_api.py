"""The lake's API, deployed: what its role, its gateway and its tables make of it, and of its own description."""

from __future__ import annotations

import http.client
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from harness.api_explorer import explore
from harness.emf import samples, values
from harness.lake_api import record
from harness.pipeline import wait_until

from baler.lake import metric_names
from sandbox.engine.endpoint import Endpoint
from sandbox.stack import deploy_local_stack
from sandbox.terminal.blocks import blocks_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.localstack.server import LocalStack

# No source is asked while these tests run.
SETTINGS: Final = {"baler:lakeScheduleMinutes": 1440, "baler:lakeDashboard": False}
SOURCES: Final = ("jsonplaceholder", "randomuser")
TODAY: Final = datetime.now(UTC).date()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Api:
    url: str
    outputs: Mapping[str, Any]
    aws: Endpoint

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send a path as it is; an underscore in a header's name stands for a hyphen."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=300)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, where.path.rstrip("/") + path, headers=named)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def api(localstack: LocalStack) -> Api:
    """The lake without a dashboard, with 25 records of each source, all of them counted under today."""
    name = f"test-{token_hex(3)}"
    stack = deploy_local_stack(localstack.endpoint, pipelines=["lake"], name=name, overrides=SETTINGS)
    aws, outputs = Endpoint(localstack.endpoint, stack.region), stack.outputs
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    for source in SOURCES:
        for number in range(25):
            moment = (midnight + timedelta(minutes=number // 2)).strftime("%Y-%m-%dT%H:%M:%SZ")
            aws.dynamodb.put_item(TableName=outputs["lakeRecordsTable"], Item=record(number, moment, source))
        for key in (f"day#{TODAY.isoformat()}#03", "total#03"):
            counter = {"pk": {"S": source}, "sk": {"S": key}, "n": {"N": "25"}, "changes": {"N": "1"}}
            aws.dynamodb.put_item(TableName=outputs["lakeCountersTable"], Item=counter)
    return Api(outputs["lakeApiUrl"], outputs, aws)


@pytest.mark.requirement("LAKE-API-01")
def test_pages_have_every_record_once_newest_first(api: Api) -> None:
    seen: list[dict[str, Any]] = []
    path = "/records?limit=7"
    while True:
        page = api.ask(path).json()
        seen += page["records"]
        if page["lastKey"] is None:
            break
        path = f"/records?limit=7&lastKey={page['lastKey']}"
    assert {each["id"] for each in seen} == {f"{source}-{number}" for source in SOURCES for number in range(25)}
    assert len(seen) == 50
    assert [each["captured_at"] for each in seen] == sorted((each["captured_at"] for each in seen), reverse=True)
    assert api.ask("/records?limit=7&source=randomuser&lastKey=" + path.partition("lastKey=")[2]).status == 400


@pytest.mark.requirement("LAKE-API-02")
def test_a_record_is_read_by_its_id(api: Api) -> None:
    found = api.ask("/records/randomuser-7").json()
    assert (found["id"], found["source"], found["document"]) == ("randomuser-7", "randomuser", {"title": "red"})
    assert api.ask("/records/randomuser-77").status == 404


@pytest.mark.requirement("LAKE-API-03")
def test_totals_sources_and_days_are_those_of_the_counters(api: Api) -> None:
    found = api.ask("/analytics?days=30").json()
    assert (found["total"], found["by_source"]) == (50, dict.fromkeys(SOURCES, 25))
    assert found["by_date"][TODAY.isoformat()] == 50
    assert (found["first_date"], found["last_date"]) == (TODAY.isoformat(), TODAY.isoformat())
    assert len(found["timeline"]) == 30


def test_what_no_route_has_is_answered_by_the_function(api: Api) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("POST", "/records", 405),
        ("DELETE", "/records/randomuser-7", 405),
    ):
        found = api.ask(path, method)
        assert (found.status, sorted(found.json())) == (status, ["code", "message"])
    assert api.ask("/records", "POST").headers["allow"] == "GET, HEAD, OPTIONS"
    assert (api.ask("/records", "HEAD").status, api.ask("/records", "HEAD").body) == (200, b"")


def test_what_a_client_has_is_not_sent_again(api: Api) -> None:
    for path in ("/records?limit=3", "/records/randomuser-7", "/analytics", "/openapi.json"):
        tag = api.ask(path).headers["etag"]
        again = api.ask(path, If_None_Match=tag)
        assert (again.status, again.body) == (304, b""), path


def test_what_the_page_tells_to_type_works(api: Api) -> None:
    script = "\n".join(block.text for block in blocks_of("docs/lake-api.md"))
    script = script.replace("$(baler env lakeApiUrl)", api.url)
    done = subprocess.run(["bash", "-ec", f"set -o pipefail\n{script}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert '"code"' not in done.stdout
    assert done.stdout.splitlines()[-1].endswith("304")


def test_every_answer_is_as_described_whatever_is_asked(api: Api, tmp_path: Path) -> None:
    assert "No issues found" in explore(api.url, tmp_path, examples=10, seconds=600)


def test_each_request_is_measured(api: Api) -> None:
    api.ask("/records/randomuser-7")

    def lines() -> list[str]:
        events = api.aws.logs.filter_log_events(
            logGroupName=api.outputs["lakeApiLogGroup"], filterPattern='"APILatency"'
        )["events"]
        return [event.get("message", "") for event in events]

    found = samples(wait_until("a line of metrics", lines, bool))
    stack = found[0].dimensions
    assert dict(stack).keys() == {metric_names.STACK}
    assert all(latency > 0 for latency in values(found, metric_names.API_LATENCY, **dict(stack)))
