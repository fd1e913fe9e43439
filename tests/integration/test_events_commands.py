"""`baler events` and `baler status` as people run them, at a deployed event stream, with the rights of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.event_pipeline import EventPipeline
from harness.pipeline import wait_until

from baler.cli.exit_codes import ExitCode
from sandbox.deployed import events_of
from sandbox.iam.parties import environment_of
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from sandbox.iam.parties import Party
    from sandbox.localstack.server import LocalStack


class People:
    """The producer and the operator of a deployed event stream."""

    def __init__(self, localstack: LocalStack) -> None:
        name = f"test-{token_hex(3)}"
        stack = deploy_local_stack(localstack.endpoint, pipelines=("events",), name=name)
        self.deployed = events_of(stack)
        self.pipeline = EventPipeline(self.deployed)
        self.names = {
            "BALER_STACK": name,
            "BALER_EVENTS_STREAM": self.deployed.stream,
            "BALER_EVENTS_BATCH_TABLE": self.deployed.batch_table,
            "BALER_EVENTS_RAW_BUCKET": self.deployed.raw_bucket,
            "BALER_EVENTS_TRANSFORM_QUEUE_URL": self.deployed.transform_queue_url,
            "BALER_EVENTS_COMPACTION_QUEUE_URL": self.deployed.compaction_queue_url,
        }

    def run(self, party: Party, *arguments: str) -> tuple[int, str, str]:
        environment = {**os.environ, **environment_of(self.deployed, party), **self.names, "COLUMNS": "200"}
        command = [sys.executable, "-m", "baler.cli.main", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        _, out, err = self.run("operator", *arguments, "--json")
        assert out or not err.startswith("Could"), err
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture(scope="module")
def people(localstack: LocalStack) -> People:
    return People(localstack)


def test_what_a_producer_sends_an_operator_sees_committed_rejected_and_well(people: People) -> None:
    code, out, err = people.run("producer", "events", "produce", "--rate", "100", "--duration", "2", "--json")
    assert code == ExitCode.OK, err
    sent = json.loads(out)
    assert (sent["sent"], sent["not_sent"], sent["refused"]) == (200, 0, 0)
    people.pipeline.send([b"no json", b""])

    def counted() -> tuple[int, int]:
        batches = people.lines("events", "batches", "--limit", "1000")
        return sum(batch["total"] for batch in batches), sum(batch["failed"] for batch in batches)

    wait_until("202 records in committed batches", counted, lambda found: found == (202, 2))
    rejected = people.lines("events", "rejected")
    assert sorted(record["reason"] for record in rejected) == ["empty", "not_json"]
    people.pipeline.wait_until_idle()
    # A busy machine may leave a question unanswered.
    events = wait_until(
        "all answers", lambda: people.lines("status")[0]["events"], lambda found: found["unanswered"] == {}
    )
    assert (events["stream"]["status"], events["stream"]["mapping"]) == ("ACTIVE", "Enabled")
    assert (events["transform_dead_letters"], events["compaction_dead_letters"]) == (0, 0)
