"""The faults of the simulation against real stores: a worker process is killed, or a store fails, at each step.

The worker (tests/harness/worker.py) is the aggregator over the deployed stack's own buckets, table and queue; the
deployed function takes nothing meanwhile. Afterwards every file is in exactly one archived bundle, the mailbox has
the same bytes, and the consumer delivers each file once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pytest
from harness import worker
from harness.events import s3_event, s3_record
from harness.function_session import environment_of_function
from harness.pipeline import wait_until
from harness.worker import Fault, Job

from baler.aws.attempts import ATTEMPTS
from baler.files.bundle.ids import INDEX_PREFIX, PREFIX
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

FILES = {f"device-{number}/reading.json": f"reading {number}\n".encode() * number for number in range(8)}
# Past every lease: a function's timeout and the margin for requests that are under way.
LEASE_SECONDS = 60.0


@dataclass
class Workers:
    """Runs workers on a stack."""

    pipeline: Pipeline

    @cached_property
    def _function(self) -> dict[str, str]:
        """The environment of whoever is the function."""
        return environment_of_function(self.pipeline)

    def job(self, messages: int, die: str, clock_ahead: float, faults: list[Fault]) -> Job:
        stack = self.pipeline.deployed
        return Job(
            landing=stack.landing_bucket,
            archive=stack.archive_bucket,
            distribution=stack.distribution_bucket,
            table=stack.claim_table,
            queue_url=stack.ingest_queue_url,
            messages=messages,
            die=die,
            clock_ahead=clock_ahead,
            faults=faults,
        )

    def work(
        self, messages: int, *faults: Fault, die: str = "", clock_ahead: float = 0
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, worker.__file__, self.job(messages, die, clock_ahead, list(faults)).to_json()],
            env={**os.environ, **self._function},
            capture_output=True,
            text=True,
            check=False,
        )

    def land(self) -> int:
        """Let the files land; return how many messages announce them."""
        for key, body in FILES.items():
            self.pipeline.land(key, body)
        return len(FILES)

    def outcomes(self, messages: int, *faults: Fault, clock_ahead: float = 0) -> dict[str, int]:
        """What became of the messages in one batch."""
        done = self.work(messages, *faults, clock_ahead=clock_ahead)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def settle(self, messages: int) -> None:
        """Work on a batch until nothing of it is left, after every lease has run out."""
        outcomes = self.outcomes(messages, clock_ahead=LEASE_SECONDS)
        assert outcomes.keys() <= {"bundled", "duplicate"}
        assert self.pipeline.messages(self.pipeline.deployed.ingest_queue_url) == 0

    def fault(self, store: str, operation: str, times: int, *, applied: bool = False) -> Fault:
        """A fault of the archive, its index, the mailbox, the claims or the records."""
        stack = self.pipeline.deployed
        service, marker = {
            "archive": ("s3", f"/{stack.archive_bucket}/{PREFIX}"),
            "index": ("s3", f"/{stack.archive_bucket}/{INDEX_PREFIX}"),
            "mailbox": ("s3", f"/{stack.distribution_bucket}/"),
            "claims": ("dynamodb", "lease_until"),
            "records": ("dynamodb", "bundle#"),
        }[store]
        return Fault(service, operation, marker, times, applied)


def assert_each_file_once(pipeline: Pipeline, into: Path) -> None:
    archived, mailed = pipeline.archived(), pipeline.mailed()
    assert sorted(key for bundle in archived.values() for key in bundle.file_keys()) == sorted(FILES)
    assert mailed == archived
    assert all(bundle.metadata["content-sha256"] == bundle.sha256 for bundle in archived.values())
    command = [sys.executable, "-m", "baler.cli.main", "consume", "--once", "--json", "--into", str(into)]
    consumed = subprocess.run(
        [*command, "--mailbox", pipeline.deployed.distribution_bucket],
        env={**os.environ, **environment_of(pipeline.deployed, "consumer")},
        check=True,
        capture_output=True,
        text=True,
    )
    events = [json.loads(line) for line in consumed.stdout.splitlines()]
    assert sum(event["files"] for event in events if event["event"] == "bundle") == len(FILES)
    received = {path.relative_to(into).as_posix(): path.read_bytes() for path in into.rglob("*") if path.is_file()}
    assert received == FILES
    assert pipeline.mailed() == {}


@pytest.fixture(scope="module")
def own_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    """A stack whose queue nobody asks but the workers."""
    pipeline = deploy_pipeline()
    functions = pipeline.aws.functions
    (mapping,) = functions.list_event_source_mappings(FunctionName=f"{pipeline.deployed.aggregator_function}:live")[
        "EventSourceMappings"
    ]
    identifier = mapping.get("UUID", "")
    # One that is switched off counts as such in LocalStack while it still waits at the queue, for a last message.
    functions.delete_event_source_mapping(UUID=identifier)
    wait_until(
        "no mapping of the function",
        lambda: functions.list_event_source_mappings(EventSourceArn=mapping.get("EventSourceArn", "")),
        lambda found: not found["EventSourceMappings"],
    )
    return pipeline


@pytest.fixture
def workers(own_pipeline: Pipeline) -> Iterator[Workers]:
    own_pipeline.aws.sqs.purge_queue(QueueUrl=own_pipeline.deployed.ingest_queue_url)
    own_pipeline.forget()
    yield Workers(own_pipeline)
    assert own_pipeline.messages(own_pipeline.deployed.ingest_queue_url) == 0


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.parametrize(
    "die",
    [
        pytest.param("after table.insert", id="after-the-first-claims"),
        pytest.param("before landing.fetch", id="after-all-claims"),
        "before archive.put",
        pytest.param("after archive.put", id="between-archive-and-mailbox-put"),
        pytest.param("after mailbox.put", id="after-the-mailbox-put"),
        pytest.param("before table.record", id="before-the-record"),
    ],
)
def test_a_worker_that_is_killed_is_made_good_when_its_lease_has_run_out(
    workers: Workers, tmp_path: Path, die: str
) -> None:
    messages = workers.land()
    assert workers.work(messages, die=die).returncode == -signal.SIGKILL
    # Whoever comes before that leaves what is claimed alone: its owner may be alive.
    busy = workers.outcomes(messages).get("busy", 0)
    assert busy > 0
    workers.settle(busy)
    assert_each_file_once(workers.pipeline, tmp_path / "received")


@pytest.mark.parametrize("die", ["before table.insert", "after table.record", "before the messages are settled"])
def test_a_worker_that_is_killed_at_either_end_is_made_good_at_once(workers: Workers, tmp_path: Path, die: str) -> None:
    messages = workers.land()
    assert workers.work(messages, die=die).returncode == -signal.SIGKILL
    expected = "bundled" if die == "before table.insert" else "duplicate"
    assert workers.outcomes(messages) == {expected: messages}
    assert_each_file_once(workers.pipeline, tmp_path / "received")


def test_two_killed_in_turn_over_the_same_files_are_made_good(workers: Workers, tmp_path: Path) -> None:
    messages = workers.land()
    assert workers.work(messages, die="before archive.put").returncode == -signal.SIGKILL
    second = workers.work(messages, die="after archive.put", clock_ahead=LEASE_SECONDS)
    assert second.returncode == -signal.SIGKILL
    outcomes = workers.outcomes(messages, clock_ahead=2 * LEASE_SECONDS)
    assert outcomes == {"duplicate": messages}
    assert_each_file_once(workers.pipeline, tmp_path / "received")


def test_a_worker_killed_while_it_rolls_forward_is_made_good(workers: Workers, tmp_path: Path) -> None:
    messages = workers.land()
    assert workers.work(messages, die="after archive.put").returncode == -signal.SIGKILL
    second = workers.work(messages, die="after mailbox.copy_from_archive", clock_ahead=LEASE_SECONDS)
    assert second.returncode == -signal.SIGKILL
    workers.settle(messages)
    assert_each_file_once(workers.pipeline, tmp_path / "received")


def test_a_batch_that_holds_a_file_twice_bundles_it_once(workers: Workers, tmp_path: Path) -> None:
    bucket = workers.pipeline.deployed.landing_bucket
    records = [
        s3_record(key, version=workers.pipeline.land(key, body), size=len(body), bucket=bucket)
        for key, body in FILES.items()
    ]
    workers.pipeline.send(s3_event(*records))
    workers.pipeline.send(s3_event(records[0], records[0]))
    messages = len(FILES) + 2
    assert workers.outcomes(messages) == {"bundled": messages}
    assert len(workers.pipeline.archived()) == 1
    workers.pipeline.send(s3_event(*records))
    assert workers.outcomes(1) == {"duplicate": 1}
    assert_each_file_once(workers.pipeline, tmp_path / "received")


# Tries of the put itself; after the last the attempt asks the archive.
@pytest.mark.parametrize("times", [1, ATTEMPTS])
def test_an_archive_put_whose_answer_is_lost_has_happened(workers: Workers, tmp_path: Path, times: int) -> None:
    messages = workers.land()
    lost = workers.fault("archive", "PutObject", times, applied=True)
    assert workers.outcomes(messages, lost) == {"bundled": messages}
    assert len(workers.pipeline.archived()) == 1
    assert_each_file_once(workers.pipeline, tmp_path / "received")


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.parametrize("store", ["archive", "index"])
def test_an_archive_put_that_fails_gives_the_files_back_at_once(workers: Workers, tmp_path: Path, store: str) -> None:
    messages = workers.land()
    assert workers.outcomes(messages, workers.fault(store, "PutObject", ATTEMPTS)) == {"archive_unavailable": messages}
    assert workers.pipeline.mailed() == {}
    assert workers.outcomes(messages) == {"bundled": messages}
    assert len(workers.pipeline.archived()) == 1
    assert_each_file_once(workers.pipeline, tmp_path / "received")


def test_an_archive_that_stays_away_costs_a_lease_and_no_file(workers: Workers, tmp_path: Path) -> None:
    messages = workers.land()
    away = workers.fault("archive", "PutObject", 100)
    assert workers.outcomes(messages, away) == {"archive_unavailable": messages}
    assert workers.outcomes(messages) == {"busy": messages}
    workers.settle(messages)
    assert len(workers.pipeline.archived()) == 1
    assert_each_file_once(workers.pipeline, tmp_path / "received")


@pytest.mark.requirement("PULL-NFR-08", "PULL-NFR-09")
def test_a_mailbox_put_that_fails_is_made_up_for_at_once_with_the_same_bundle(workers: Workers, tmp_path: Path) -> None:
    messages = workers.land()
    assert workers.outcomes(messages, workers.fault("mailbox", "PutObject", ATTEMPTS)) == {
        "mailbox_unavailable": messages
    }
    (archived,) = workers.pipeline.archived().values()
    assert workers.pipeline.mailed() == {}
    assert workers.outcomes(messages) == {"duplicate": messages}
    assert workers.pipeline.mailed() == {archived.key: archived}
    assert_each_file_once(workers.pipeline, tmp_path / "received")


def test_a_mailbox_put_and_a_record_that_fail_are_made_up_for_after_the_lease(workers: Workers, tmp_path: Path) -> None:
    messages = workers.land()
    faults = [workers.fault("mailbox", "PutObject", ATTEMPTS), workers.fault("records", "PutItem", ATTEMPTS)]
    assert workers.outcomes(messages, *faults) == {"mailbox_unavailable": messages}
    assert workers.outcomes(messages) == {"busy": messages}
    workers.settle(messages)
    assert len(workers.pipeline.archived()) == 1
    assert_each_file_once(workers.pipeline, tmp_path / "received")


@pytest.mark.parametrize("applied", [False, True])
def test_claims_that_fail_leave_their_bundle_unmade(workers: Workers, tmp_path: Path, *, applied: bool) -> None:
    messages = workers.land()
    lost = [
        workers.fault("claims", operation, 1000, applied=applied) for operation in ("BatchExecuteStatement", "PutItem")
    ]
    assert workers.outcomes(messages, *lost) == {"claims_unavailable": messages}
    assert workers.pipeline.archived() == {}
    workers.settle(messages)
    assert_each_file_once(workers.pipeline, tmp_path / "received")
