"""`baler lake` as an operator runs it, at a deployed lake whose one source is a server of this test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

import pytest
from harness.pipeline import wait_until

from baler.cli.exit_codes import ExitCode
from baler.lake.order import written_time
from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import environment_of
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from sandbox.deployed import DeployedStack
    from sandbox.localstack.server import LocalStack

SOURCE: Final = "colours"
DECLARATION: Final = """[[source]]
name = "colours"
type = "colours"
url = "{origin}/colours"
id = "id"

[source.fields]
title = "title"
"""


class Colours(BaseHTTPRequestHandler):
    """A source whose answer is what the test last set."""

    body: bytes = b"[]"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the test says what was asked."""


@contextmanager
def served() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Colours)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Operator:
    """Who runs the commands, and what the lake's schedule and its source do meanwhile."""

    def __init__(self, stack: DeployedStack, origin: str, declarations: Path) -> None:
        self.outputs = stack.outputs
        self.aws = Endpoint(stack.endpoint, stack.region)
        self.environment = {
            **os.environ,
            **environment_of(stack, "operator"),
            "BALER_LAKE_RECORDS_TABLE": stack.outputs["lakeRecordsTable"],
            "BALER_LAKE_COUNTERS_TABLE": stack.outputs["lakeCountersTable"],
            "BALER_LAKE_SOURCES_TABLE": stack.outputs["lakeSourcesTable"],
            "BALER_LAKE_VERSIONS_TABLE": stack.outputs["lakeVersionsTable"],
            "BALER_LAKE_RAW_BUCKET": stack.outputs["lakeRawBucket"],
            "BALER_LAKE_CURATION_QUEUE_URL": stack.outputs["lakeCurationQueueUrl"],
            "BALER_LAKE_SOURCES_FILE": str(declarations),
            "COLUMNS": "250",
        }
        self.origin = origin
        self._last = 0

    def fetch(self, *items: dict[str, object]) -> str:
        """Let the source have these items, and the schedule fire for a time of its own; return that time."""
        Colours.body = json.dumps(items).encode()
        self._last = max(int(time.time()), self._last + 1)
        at = written_time(datetime.fromtimestamp(self._last, UTC))
        answer = self.aws.functions.invoke(
            FunctionName=self.outputs["lakeIngestionFunction"], Qualifier="live", Payload=json.dumps({"time": at})
        )
        report = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, report
        assert [each["outcome"] for each in report["sources"]] == ["published"], report
        return at

    def run(self, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        command = [sys.executable, "-m", "baler.cli.main", "lake", *arguments, "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def records(self) -> dict[str, str]:
        """Titles of all records, by id."""
        items = self.aws.dynamodb.scan(TableName=self.outputs["lakeRecordsTable"], ConsistentRead=True)["Items"]
        return {item["id"].get("S", ""): item["title"].get("S", "") for item in items}


@pytest.fixture(scope="module")
def operator(localstack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with served() as origin:
        declarations = tmp_path_factory.mktemp("sources") / "sources.toml"
        declarations.write_text(DECLARATION.format(origin=origin))
        stack = deploy_local_stack(
            localstack.endpoint,
            pipelines=("lake",),
            overrides={
                "baler:lakeDashboard": False,
                "baler:lakeKeepVersions": True,
                # The clock asks no source while the test runs.
                "baler:lakeScheduleMinutes": 1440,
                "baler:lakeSourcesFile": str(declarations),
                "baler:lakeOpenOrigins": [origin],
            },
            name=f"test-{token_hex(3)}",
        )
        yield Operator(stack, origin, declarations)


def test_an_operator_sees_what_became_of_a_record_repairs_a_counter_and_has_all_of_it_curated_again(
    operator: Operator,
) -> None:
    first = operator.fetch({"id": 1, "title": "red"}, {"id": 2, "title": "blue"}, {"title": "no id"})
    wait_until("two records", operator.records, lambda found: len(found) == 2)
    second = operator.fetch({"id": 1, "title": "green"}, {"id": 2, "title": "blue"})
    one, two = f"{SOURCE}-1", f"{SOURCE}-2"
    wait_until("the newer record", operator.records, lambda found: found.get(one) == "green")

    code, (source,), _ = operator.run("sources", "--open-origin", operator.origin)
    assert (code, source["event"], source["last_success"]) == (ExitCode.OK, "well", second)

    code, (record, raw, *rest), _ = operator.run("record", one)
    assert code == ExitCode.OK
    assert (record["captured_at"], record["changed_at"], record["other_at"]) == (first, second, first)
    assert (raw["state"], [each["changed_at"] for each in rest]) == ("there", [first, second])
    code, versions, _ = operator.run("versions", two)
    assert (code, versions[-1]["versions"]) == (ExitCode.OK, 1)
    code, (aside,), _ = operator.run("rejected", "--from", first[:10])
    assert (code, aside["source"], aside["reason"], aside["place"]) == (ExitCode.NEEDS_ATTENTION, SOURCE, "no-id", 2)

    code, (done,), _ = operator.run("verify")
    assert (code, done["records"]) == (ExitCode.OK, 2)
    operator.aws.dynamodb.delete_item(TableName=operator.outputs["lakeRecordsTable"], Key={"id": {"S": two}})
    code, told, _ = operator.run("verify")
    assert code == ExitCode.NEEDS_ATTENTION
    assert {(each["day"], each["records"], each["counted"]) for each in told[:-1]} == {(first[:10], 1, 2), (None, 1, 2)}
    code, told, _ = operator.run("verify", "--repair")
    assert (code, told[-1]["repaired"]) == (ExitCode.OK, 2)

    code, (done,), err = operator.run("rebuild", "--from", first[:10])
    assert (code, done["sent"]) == (ExitCode.OK, 2), err
    wait_until("the record that was lost", operator.records, lambda found: two in found)
    code, told, _ = wait_until("counters at rest", lambda: operator.run("verify"), lambda seen: not seen[0])
    assert told[-1]["records"] == 2
    _, (again, *_), _ = operator.run("record", one)
    assert {**again, "at": record["at"]} == record, "what is right already is not written"
