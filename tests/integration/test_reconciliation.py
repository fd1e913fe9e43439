"""A bucket that no longer announces its files, on LocalStack: reconciliation finds them, and they arrive once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

HOSTILE = ["plain", " +%2B/é 😀", "../up", "/absolute", 'quote"<&>', "control\x01\x1b\r\n\x7f", "same"]


def reconcile(pipeline: Pipeline) -> dict[str, Any]:
    """Compare now, whatever landed just now included, as an operator does who has repaired a notification."""
    function = pipeline.deployed.aggregator_function.removesuffix("aggregator") + "reconciliation"
    event = {"begin": True, "grace_seconds": -60}  # S3 says to the second when a file landed
    answer = pipeline.aws.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload = answer["Payload"].read()
    assert "FunctionError" not in answer, payload
    return json.loads(payload)


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-08")
def test_files_whose_events_never_came_arrive_once_and_a_second_run_sends_nothing(
    deploy_pipeline: DeployPipeline,
) -> None:
    pipeline = deploy_pipeline()
    pipeline.aws.s3.put_bucket_notification_configuration(
        Bucket=pipeline.deployed.landing_bucket, NotificationConfiguration={}
    )
    for key in HOSTILE:
        pipeline.land(key)
    pipeline.land("same", b"another version")
    answer = reconcile(pipeline)
    assert (answer["judged"], answer["announced_again"]) == ({"missing": len(HOSTILE) + 1}, len(HOSTILE) + 1)
    assert answer["complete"], answer
    pipeline.wait_for_files(*HOSTILE, "same")
    again = reconcile(pipeline)
    # Their leases may still run, so soon.
    assert again["announced_again"] == 0
    assert set(again["judged"]) <= {"delivered", "in_progress"}
    assert sum(again["judged"].values()) == len(HOSTILE) + 1
    assert pipeline.messages(pipeline.deployed.dead_letter_queue_url) == 0
