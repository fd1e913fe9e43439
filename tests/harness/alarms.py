"""A deployed pipeline's alarms, and what they tell whoever subscribed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from harness.pipeline import Pipeline
    from sandbox.engine.endpoint import Endpoint

UNHEALTHY: Final = "pipeline-unhealthy"


def stack_of(pipeline: Pipeline) -> str:
    """What the stack is called that a pipeline is deployed in."""
    return pipeline.deployed.aggregator_function.removeprefix("baler-").removesuffix("-files-aggregator")


def name_of(pipeline: Pipeline, part: str) -> str:
    """What a part of its stack is called: `baler-test-alarms`, or `baler-test-files-queue-age` of the pipeline."""
    return f"baler-{stack_of(pipeline)}-{part}"


class Alarms:
    """The alarms of a pipeline by what follows the stack in their name: `files-queue-age`, for example."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._aws = pipeline.aws
        self._prefix = name_of(pipeline, "")

    def states(self) -> dict[str, str]:
        """The state of each, the one over others included."""
        found = self._aws.cloudwatch.describe_alarms(
            AlarmNamePrefix=self._prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return {
            alarm["AlarmName"].removeprefix(self._prefix): alarm["StateValue"]
            for alarm in [*found["MetricAlarms"], *found["CompositeAlarms"]]
        }

    def on(self) -> set[str]:
        """Those that are on."""
        return {name for name, state in self.states().items() if state == "ALARM"}


class Subscriber:
    """A queue that hears what a topic says."""

    def __init__(self, aws: Endpoint, name: str) -> None:
        """Create the queue, so that a program can be deployed that subscribes it."""
        self._aws = aws
        self._url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = aws.sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        self.arn = attributes["QueueArn"]
        account = self.arn.split(":")[4]
        let_sns_send = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [let_sns_send]})
        aws.sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        self._heard: list[tuple[str, str]] = []

    def heard(self) -> list[tuple[str, str]]:
        """Every notification so far, in the order of arrival: the alarm's whole name, and its new state."""
        while messages := self._aws.sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                notification = json.loads(json.loads(message.get("Body", ""))["Message"])
                self._heard.append((notification["AlarmName"], notification["NewStateValue"]))
                self._aws.sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.get("ReceiptHandle", ""))
        return list(self._heard)

    def leave(self) -> None:
        """Unsubscribe, and delete the queue: alarms of a stack that is left alone go on firing."""
        for page in self._aws.sns.get_paginator("list_subscriptions").paginate():
            for subscription in page["Subscriptions"]:
                if subscription.get("Endpoint") == self.arn:
                    self._aws.sns.unsubscribe(SubscriptionArn=subscription.get("SubscriptionArn", ""))
        self._aws.sqs.delete_queue(QueueUrl=self._url)
