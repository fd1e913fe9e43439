"""`baler status` as an operator runs it, at a deployed pipeline: well, then with a dead letter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from harness.alarms import stack_of
from harness.pipeline import wait_until

from baler.cli.exit_codes import ExitCode
from sandbox.iam.parties import environment_of
from sandbox.time_lapse import SANDBOX_FACTOR, set_time_lapse

if TYPE_CHECKING:
    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

# Several evaluations of the slowest alarm, each of which may be late on a busy machine.
PATIENCE = 600.0


class Operator:
    """Somebody who runs `baler status`."""

    def __init__(self, pipeline: Pipeline) -> None:
        stack = pipeline.deployed
        self.environment = {
            **os.environ,
            **environment_of(stack, "operator"),
            "BALER_STACK": stack_of(pipeline),
            "COLUMNS": "200",
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "baler.cli.main", "status", *arguments]

    def run(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def own_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    return deploy_pipeline()


def test_an_operator_sees_that_all_is_well_and_then_that_a_message_was_given_up(own_pipeline: Pipeline) -> None:
    operator = Operator(own_pipeline)
    set_time_lapse(own_pipeline.deployed.endpoint, stack_of(own_pipeline), SANDBOX_FACTOR)
    own_pipeline.land("one")
    own_pipeline.wait_for_files("one")

    def asked() -> tuple[int, dict[str, Any]]:
        code, told = operator.run("--json")
        return code, json.loads(told)

    def is_well(found: tuple[int, dict[str, Any]]) -> bool:
        code, told = found
        counted = code == 0 and told["measured"]["mailbox_objects"]
        return bool(counted and counted["value"] == 1 and told["latency"]["files"])

    # A new stack's alarms have not all been evaluated yet, and nobody has looked into its mailbox, or before the bundle
    # was there.
    _, well = wait_until("a healthy stack", asked, is_well, PATIENCE)
    assert (well["health"], well["reasons"], well["unanswered"]) == ("healthy", [], {})
    (archived,) = own_pipeline.archived()
    assert archived.endswith(f"/{well['last_bundle']['bundle_id']}.tar.gz")
    assert (well["last_bundle"]["files"], well["dead_letters"], well["queue"]["waiting"]) == (1, 0, 0)
    assert 0 < well["latency"]["p50"] == well["latency"]["p99_9"]

    own_pipeline.send("not from S3")
    url = own_pipeline.deployed.dead_letter_queue_url
    wait_until("a dead letter", lambda: own_pipeline.messages(url), lambda found: found == 1)
    code, screen = operator.run()
    assert code == ExitCode.NEEDS_ATTENTION, screen
    assert "UNHEALTHY" in screen
    assert "! 1 dead letter: see `baler dead-letters list`" in screen
    own_pipeline.take_dead_letters(1)


def test_watching_ends_with_ctrl_c_and_without_a_word_of_failure(own_pipeline: Pipeline) -> None:
    operator = Operator(own_pipeline)
    with subprocess.Popen(
        operator.command("--watch", "--every", "1", "--json"),
        env=operator.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        try:
            assert watching.stdout is not None
            looks = [json.loads(watching.stdout.readline()) for _ in range(2)]
            watching.send_signal(signal.SIGINT)
            _, complaint = watching.communicate(timeout=PATIENCE)
        finally:
            watching.kill()
    assert looks[0]["at"] < looks[1]["at"]
    assert (watching.returncode, complaint) == (0, "")
