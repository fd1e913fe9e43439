import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created
from sandbox.engine.resources.registry import ABSENT, CREATORS

Create = Callable[..., Created]

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "arn:aws:sns:eu-west-2:123456789012:news"
ACTIONS = {"alarmActions": [TOPIC], "okActions": [TOPIC], "alarmDescription": "It is late."}


def alarm_named(aws: Endpoint, name: str) -> dict[str, Any]:
    [found] = aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found


def test_an_alarm_on_a_statistic_has_what_the_program_says(aws: Endpoint, create: Create) -> None:
    inputs = {
        "name": "queue-age",
        "namespace": "AWS/SQS",
        "metricName": "ApproximateAgeOfOldestMessage",
        "dimensions": {"QueueName": "ingest"},
        "statistic": "Maximum",
        "period": 60.0,
        "threshold": 180.0,
        "comparisonOperator": "GreaterThanThreshold",
        "datapointsToAlarm": 2.0,
        "evaluationPeriods": 3.0,
        "treatMissingData": "notBreaching",
        **ACTIONS,
    }

    alarm = create(METRIC_ALARM, inputs)

    found = alarm_named(aws, "queue-age")
    assert alarm.outputs["arn"] == found["AlarmArn"]
    assert found["Dimensions"] == [{"Name": "QueueName", "Value": "ingest"}]
    assert (found["MetricName"], found["Namespace"]) == ("ApproximateAgeOfOldestMessage", "AWS/SQS")
    assert (found["Statistic"], found["Period"], found["Threshold"]) == ("Maximum", 60, 180)
    assert (found["DatapointsToAlarm"], found["EvaluationPeriods"]) == (2, 3)
    assert (found["ComparisonOperator"], found["TreatMissingData"]) == ("GreaterThanThreshold", "notBreaching")
    assert (found["AlarmActions"], found["OKActions"], found["AlarmDescription"]) == ([TOPIC], [TOPIC], "It is late.")


def test_an_alarm_on_a_percentile_has_it(aws: Endpoint, create: Create) -> None:
    inputs = {
        "name": "latency",
        "namespace": "Baler",
        "metricName": "Latency",
        "extendedStatistic": "p99.9",
        "evaluateLowSampleCountPercentiles": "evaluate",
        "period": 300.0,
        "threshold": 180.0,
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 3.0,
    }

    create(METRIC_ALARM, inputs)

    found = alarm_named(aws, "latency")
    assert (found["ExtendedStatistic"], found["EvaluateLowSampleCountPercentile"]) == ("p99.9", "evaluate")


def test_an_alarm_on_a_band_has_both_queries(aws: Endpoint, create: Create) -> None:
    watched = {
        "namespace": "AWS/SQS",
        "metricName": "Sent",
        "dimensions": {"QueueName": "q"},
        "stat": "Sum",
        "period": 300.0,
    }
    inputs = {
        "name": "traffic",
        "comparisonOperator": "GreaterThanUpperThreshold",
        "evaluationPeriods": 3.0,
        "thresholdMetricId": "usual",
        "metricQueries": [
            {"id": "usual", "expression": "ANOMALY_DETECTION_BAND(watched, 3)", "label": "usual", "returnData": True},
            {"id": "watched", "metric": watched, "returnData": True},
        ],
    }

    create(METRIC_ALARM, inputs)

    found = alarm_named(aws, "traffic")
    assert found["ThresholdMetricId"] == "usual"
    band, metric = found["Metrics"]
    assert (band["Expression"], band["Label"]) == ("ANOMALY_DETECTION_BAND(watched, 3)", "usual")
    assert metric["MetricStat"] == {
        "Metric": {"Namespace": "AWS/SQS", "MetricName": "Sent", "Dimensions": [{"Name": "QueueName", "Value": "q"}]},
        "Period": 300,
        "Stat": "Sum",
    }


def test_an_alarm_over_others_has_their_rule(aws: Endpoint, create: Create) -> None:
    arn = "arn:aws:cloudwatch:eu-west-2:123456789012:alarm:all"
    asked = {"AlarmActions": [TOPIC], "OKActions": [TOPIC], "AlarmDescription": "It is late."}
    # moto has no such alarms; the integration tests create one on LocalStack.
    with Stubber(aws.cloudwatch) as stub:
        stub.add_response("put_composite_alarm", {}, {"AlarmName": "all", "AlarmRule": 'ALARM("a")', **asked})
        stub.add_response(
            "describe_alarms",
            {"CompositeAlarms": [{"AlarmArn": arn}]},
            {"AlarmNames": ["all"], "AlarmTypes": ["CompositeAlarm"]},
        )
        inputs = {"alarmName": "all", "alarmRule": 'ALARM("a")', **ACTIONS}
        assert create("aws:cloudwatch/compositeAlarm:CompositeAlarm", inputs).outputs["arn"] == arn
        stub.assert_no_pending_responses()


def test_a_dashboard_has_its_body(aws: Endpoint, create: Create) -> None:
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "hello"}}]})

    create("aws:cloudwatch/dashboard:Dashboard", {"dashboardName": "pipeline", "dashboardBody": body})

    assert json.loads(aws.cloudwatch.get_dashboard(DashboardName="pipeline")["DashboardBody"]) == json.loads(body)


def test_a_topic_has_its_policy_and_its_subscribers_their_filter(aws: Endpoint, create: Create) -> None:
    topic = create("aws:sns/topic:Topic", {"kmsMasterKeyId": "a-key", "tags": {"project": "baler"}}, name="alarms")
    queue = create("aws:sqs/queue:Queue", {}).outputs["arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "None", "Effect": "Deny", "Principal": "*"}]}
    create("aws:sns/topicPolicy:TopicPolicy", {"arn": topic.id, "policy": json.dumps(policy)})
    listening = {"topic": topic.id, "protocol": "sqs", "endpoint": queue}

    subscription = create(
        "aws:sns/topicSubscription:TopicSubscription",
        {**listening, "filterPolicyScope": "MessageBody", "filterPolicy": '{"AlarmName": ["all"]}'},
    )

    found = aws.sns.get_topic_attributes(TopicArn=topic.id)["Attributes"]
    assert found["KmsMasterKeyId"] == "a-key"
    assert json.loads(found["Policy"]) == policy
    assert aws.sns.list_tags_for_resource(ResourceArn=topic.id)["Tags"] == [{"Key": "project", "Value": "baler"}]
    listens = aws.sns.get_subscription_attributes(SubscriptionArn=subscription.id)["Attributes"]
    assert (listens["Protocol"], listens["Endpoint"], listens["FilterPolicyScope"]) == ("sqs", queue, "MessageBody")
    assert json.loads(listens["FilterPolicy"]) == {"AlarmName": ["all"]}


def test_a_key_has_its_policy_and_is_renewed(aws: Endpoint, create: Create) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "None", "Effect": "Deny", "Principal": "*"}]}

    key = create(
        "aws:kms/key:Key",
        {
            "deletionWindowInDays": 7,
            "description": "Encrypts what alarms say.",
            "enableKeyRotation": True,
            "policy": json.dumps(policy),
            "tags": {"project": "baler"},
        },
    )

    found = aws.kms.describe_key(KeyId=key.outputs["arn"])["KeyMetadata"]
    assert (found["KeyId"], found["Description"]) == (key.id, "Encrypts what alarms say.")
    assert json.loads(aws.kms.get_key_policy(KeyId=key.id, PolicyName="default")["Policy"]) == policy
    assert aws.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"]
    assert aws.kms.list_resource_tags(KeyId=key.id)["Tags"] == [{"TagKey": "project", "TagValue": "baler"}]


@pytest.mark.parametrize("token", ["aws:cloudtrail/trail:Trail", "aws:cloudwatch/queryDefinition:QueryDefinition"])
def test_what_the_emulator_cannot_have_is_left_out_and_said_so(token: str) -> None:
    assert token not in CREATORS
    assert "LocalStack" in ABSENT[token]
