"""Queues and their policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def queue(name: str, inputs: Inputs) -> Creation:
    """Create a standard queue; a FIFO queue's inputs are not known."""
    queue_name = physical_name(name, inputs, longest=80)
    attributes = inputs.renamed(
        delaySeconds="DelaySeconds",
        kmsDataKeyReusePeriodSeconds="KmsDataKeyReusePeriodSeconds",
        kmsMasterKeyId="KmsMasterKeyId",
        maxMessageSize="MaximumMessageSize",
        messageRetentionSeconds="MessageRetentionPeriod",
        policy="Policy",
        receiveWaitTimeSeconds="ReceiveMessageWaitTimeSeconds",
        redriveAllowPolicy="RedriveAllowPolicy",
        redrivePolicy="RedrivePolicy",
        sqsManagedSseEnabled="SqsManagedSseEnabled",
        visibilityTimeoutSeconds="VisibilityTimeout",
    )
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        url = aws.sqs.create_queue(QueueName=queue_name, Attributes=_texts(attributes), tags=tags)["QueueUrl"]
        arn = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return Created(url, {"name": queue_name, "url": url, "arn": arn, "tagsAll": tags})

    return create


def queue_policy(_name: str, inputs: Inputs) -> Creation:
    """Say who may use a queue."""
    return _attribute_of_queue(inputs.take("queueUrl"), {"Policy": inputs.take("policy")})


def redrive_allow_policy(_name: str, inputs: Inputs) -> Creation:
    """Say which queues may use this one as their dead-letter queue."""
    return _attribute_of_queue(inputs.take("queueUrl"), {"RedriveAllowPolicy": inputs.take("redriveAllowPolicy")})


def redrive_policy(_name: str, inputs: Inputs) -> Creation:
    """Say which dead-letter queue a queue has that was created without one."""
    return _attribute_of_queue(inputs.take("queueUrl"), {"RedrivePolicy": inputs.take("redrivePolicy")})


def _attribute_of_queue(url: str, attributes: Mapping[str, Any]) -> Creation:
    def create(aws: Endpoint) -> Created:
        aws.sqs.set_queue_attributes(QueueUrl=url, Attributes=_texts(attributes))
        return Created(url, {})

    return create


def _texts(attributes: Mapping[str, Any]) -> dict[QueueAttributeNameType, str]:
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in attributes.items()}
    return cast("dict[QueueAttributeNameType, str]", texts)
