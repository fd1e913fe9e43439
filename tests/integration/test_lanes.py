"""A landing bucket divided into lanes, deployed: files below every prefix arrive, and none is put elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from harness.pipeline import BODY, wait_until

from sandbox.iam.parties import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

    from sandbox.iam.refusals import Refusal


@pytest.fixture(scope="module")
def divided(deploy_pipeline: DeployPipeline) -> Pipeline:
    return deploy_pipeline(filesLandingPrefixes=["a/", "b/"])


def test_files_below_both_prefixes_are_bundled_once_and_by_queues_of_their_own(divided: Pipeline) -> None:
    divided.forget()
    assert len(divided.deployed.ingest_queue_urls) == 2

    keys = [f"{prefix}{number}.json" for prefix in ("a/", "b/") for number in range(3)]
    for key in keys:
        divided.land(key)

    divided.wait_for_files(*keys)
    assert divided.archived_keys() == keys
    configured = divided.aws.s3.get_bucket_notification_configuration(Bucket=divided.deployed.landing_bucket)
    heard = {
        rule.get("Value")
        for queue in configured.get("QueueConfigurations", [])
        for rule in queue.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    }
    assert heard == {"a/", "b/"}


def test_a_key_below_no_prefix_is_refused_to_the_party_and_to_an_operator(
    divided: Pipeline, refusals: Callable[[], list[Refusal]]
) -> None:
    bucket = divided.deployed.landing_bucket
    for party in ("external-party", "operator"):
        for key in ("c/1.json", "a", "1.json"):
            with pytest.raises(ClientError, match="AccessDenied"):
                endpoint_of(divided.deployed, party).s3.put_object(Bucket=bucket, Key=key, Body=BODY)
    assert {refusal.action for refusal in refusals()} == {"s3:PutObject"}


def test_dead_letters_of_any_lane_are_in_one_queue(divided: Pipeline) -> None:
    second = divided.deployed.ingest_queue_urls[1]
    divided.aws.sqs.send_message(QueueUrl=second, MessageBody="no event")

    def dead() -> int:
        found = divided.aws.sqs.get_queue_attributes(
            QueueUrl=divided.deployed.dead_letter_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    wait_until("the message among the dead letters", dead, lambda count: count == 1)
