"""`baler status` as an operator runs it, at a deployed pipeline: well, then with a dead letter.

LocalStack makes no metrics of the functions' log lines, so what the mailbox monitor would publish is put here; and its
alarms are hurried (harness/alarms.py). It knows no percentiles: the latency has no data.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from harness.alarms import Alarms, stack_of
from harness.pipeline import wait_until

from baler.cli.exit_codes import ExitCode
from baler.files import metric_names
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

# Several evaluations of the slowest alarm, each of which may be late on a busy machine.
PATIENCE = 300.0


class Operator:
    """Somebody who runs `baler status`, while the scheduled functions publish what they do when all is well."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._stack = stack_of(pipeline)
        stack = pipeline.deployed
        self.environment = {
            **os.environ,
            **environment_of(stack, "operator"),
            "BALER_STACK": self._stack,
            "COLUMNS": "200",
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "baler.cli.main", "status", *arguments]

    def run(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def publish(self) -> None:
        dimensions = [{"Name": metric_names.STACK, "Value": self._stack}]
        values = {
            metric_names.MAILBOX_OBJECTS: 1,
            metric_names.MAILBOX_BYTES: 500,
            metric_names.MAILBOX_OLDEST_AGE: 7,
            metric_names.RECONCILED_AGE: 900,
        }
        data = [{"MetricName": name, "Dimensions": dimensions, "Value": value} for name, value in values.items()]
        self._pipeline.aws.cloudwatch.put_metric_data(Namespace=metric_names.NAMESPACE, MetricData=data)


@pytest.fixture(scope="module")
def own_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    return deploy_pipeline()


def test_an_operator_sees_that_all_is_well_and_then_that_a_message_was_given_up(own_pipeline: Pipeline) -> None:
    operator, alarms = Operator(own_pipeline), Alarms(own_pipeline)
    alarms.hurry()
    own_pipeline.land("one")
    own_pipeline.wait_for_files("one")

    def asked() -> tuple[int, dict[str, Any]]:
        operator.publish()
        code, told = operator.run("--json")
        return code, json.loads(told)

    # A new stack's alarms have not all been evaluated yet, and nobody has looked into its mailbox.
    _, well = wait_until("a healthy stack", asked, lambda found: found[0] == 0, PATIENCE)
    assert (well["health"], well["reasons"], well["unanswered"]) == ("healthy", [], {})
    (archived,) = own_pipeline.archived()
    assert archived.endswith(f"/{well['last_bundle']['bundle_id']}.tar.gz")
    assert (well["last_bundle"]["files"], well["dead_letters"], well["queue"]["waiting"]) == (1, 0, 0)
    assert well["measured"]["mailbox_objects"]["value"] == 1

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
