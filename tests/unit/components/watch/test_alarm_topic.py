"""Who may tell the topic of the alarms anything, and who hears it."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import Deployed, record_program

if TYPE_CHECKING:
    from conftest import Deploy

TOPIC = "arn:aws:sns:eu-west-2:111122223333:baler-prod-alarms-1a2b3c4"
KEY = "arn:aws:kms:eu-west-2:111122223333:key/baler-prod-alarms-1a2b3c4"
QUEUE = "arn:aws:sqs:eu-west-2:111122223333:pager"
SOURCES = {
    "Alarms": ("cloudwatch.amazonaws.com", "arn:aws:cloudwatch:eu-west-2:111122223333:alarm:*"),
    "Budgets": ("budgets.amazonaws.com", "arn:aws:budgets::111122223333:*"),
}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod")


def condition(arn: str) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": arn}}


def subscriptions(deployed: Deployed) -> list[dict[str, Any]]:
    return [each.inputs for each in deployed.all("sns/topicSubscription:TopicSubscription")]


def test_nothing_publishes_before_the_topic_lets_it(prod: Deployed) -> None:
    policy = prod.one("sns/topicPolicy:TopicPolicy", "alarms").urn
    alarms = [*prod.all("cloudwatch/metricAlarm:MetricAlarm"), *prod.all("cloudwatch/compositeAlarm:CompositeAlarm")]
    publishers = [*alarms, *prod.all("budgets/budget:Budget")]
    assert len(publishers) > len(alarms) > 1
    assert [each.name for each in publishers if policy not in each.depends_on] == []


@pytest.mark.requirement("PULL-NFR-06")
def test_the_topic_is_encrypted_with_a_key_that_rotates(prod: Deployed) -> None:
    assert prod.one("sns/topic:Topic", "alarms").inputs["kmsMasterKeyId"] == KEY
    assert prod.one("kms/key:Key", "alarms").inputs["enableKeyRotation"] is True


@pytest.mark.requirement("PULL-NFR-06")
def test_only_alarms_and_budgets_of_this_account_publish_and_only_with_tls(prod: Deployed) -> None:
    policy = prod.one("sns/topicPolicy:TopicPolicy", "alarms")
    assert policy.inputs["arn"] == TOPIC
    accepted = [statement for statement in policy.statements().values() if statement["Effect"] == "Allow"]
    assert accepted == [
        {
            "Sid": f"Accept{who}",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["sns:Publish"],
            "Resource": [TOPIC],
            "Condition": condition(arn),
        }
        for who, (service, arn) in SOURCES.items()
    ]
    assert policy.statements()["DenyInsecureTransport"] == {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["sns:Publish"],
        "Resource": [TOPIC],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


@pytest.mark.requirement("PULL-NFR-06")
def test_the_key_is_used_by_those_who_publish_and_kept_by_the_account(prod: Deployed) -> None:
    statements = prod.one("kms/key:Key", "alarms").statements()
    for who, (service, arn) in SOURCES.items():
        found = statements[f"Encrypt{who}"]
        assert (found["Principal"], found["Condition"]) == ({"Service": service}, condition(arn))
        assert (found["Action"], found["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], ["*"])
    kept = statements["LetTheAccountAdminister"]
    assert (kept["Principal"], kept["Resource"]) == ({"AWS": "arn:aws:iam::111122223333:root"}, ["*"])
    # Without the first the key could never be changed again; with the others people could read what it encrypts.
    assert "kms:PutKeyPolicy" in kept["Action"]
    assert not {"kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"} & set(kept["Action"])


def test_nobody_is_told_unless_the_stack_says_whom(deploy: "Deploy") -> None:
    assert subscriptions(deploy("staging")) == []


@pytest.mark.parametrize(
    ("subscriber", "protocol"),
    [("ops@example.org", "email"), ("https://example.org/hook?key=1", "https"), (QUEUE, "sqs")],
)
def test_a_subscriber_is_told_of_everything_in_the_way_that_its_address_says(
    deploy: "Deploy", subscriber: str, protocol: str
) -> None:
    [found] = subscriptions(deploy("staging", settings={"baler:alarmSubscriptions": [subscriber]}))
    assert found == {"topic": TOPIC.replace("prod", "staging"), "protocol": protocol, "endpoint": subscriber}


def test_whoever_is_called_hears_of_one_alarm_alone(deploy: "Deploy") -> None:
    [found] = subscriptions(deploy("staging", settings={"baler:pageSubscriptions": [QUEUE]}))
    assert (found["endpoint"], found["filterPolicyScope"]) == (QUEUE, "MessageBody")
    assert json.loads(found["filterPolicy"]) == {"AlarmName": ["baler-staging-pipeline-unhealthy"]}


def test_one_address_may_be_told_of_everything_and_be_called(deploy: "Deploy") -> None:
    settings = {"baler:alarmSubscriptions": [QUEUE], "baler:pageSubscriptions": [QUEUE]}
    assert len(subscriptions(deploy("staging", settings=settings))) == 2


def test_an_address_which_may_hold_a_secret_is_in_no_resources_name(deploy: "Deploy") -> None:
    deployed = deploy("staging", settings={"baler:alarmSubscriptions": ["https://example.org/s3cret"]})
    assert [each.name for each in deployed.resources if "s3cret" in each.name] == []


def test_the_topics_address_is_exported(prod: Deployed) -> None:
    assert prod.exports["alarmTopicArn"] == TOPIC
