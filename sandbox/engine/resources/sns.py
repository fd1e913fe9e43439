"""Topics, their policies and who listens. LocalStack encrypts no message; who publishes needs the key all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def topic(name: str, inputs: Inputs) -> Creation:
    """Create a standard topic; a FIFO topic's inputs are not known."""
    topic_name = physical_name(name, inputs, longest=256)
    attributes = inputs.renamed(
        displayName="DisplayName", kmsMasterKeyId="KmsMasterKeyId", policy="Policy", deliveryPolicy="DeliveryPolicy"
    )
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        arn = aws.sns.create_topic(Name=topic_name, Attributes=attributes, Tags=tag_list(tags))["TopicArn"]
        return Created(arn, {"name": topic_name, "arn": arn, "tagsAll": tags})

    return create


def topic_policy(_name: str, inputs: Inputs) -> Creation:
    """Say who may publish to a topic."""
    arn = inputs.take("arn")
    policy = inputs.take("policy")

    def create(aws: Endpoint) -> Created:
        aws.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        return Created(arn, {})

    return create


def subscription(_name: str, inputs: Inputs) -> Creation:
    """Let somebody listen to a topic: to all of it, or to what passes a filter."""
    definition = inputs.renamed(topic="TopicArn", protocol="Protocol", endpoint="Endpoint")
    attributes = inputs.renamed(
        deliveryPolicy="DeliveryPolicy",
        # Before the filter itself, which is read in its light.
        filterPolicyScope="FilterPolicyScope",
        filterPolicy="FilterPolicy",
        redrivePolicy="RedrivePolicy",
    )
    raw = inputs.take("rawMessageDelivery")
    if raw is not None:
        attributes["RawMessageDelivery"] = str(raw).lower()

    def create(aws: Endpoint) -> Created:
        answer = aws.sns.subscribe(**definition, Attributes=attributes, ReturnSubscriptionArn=True)
        return Created(answer["SubscriptionArn"], {"arn": answer["SubscriptionArn"]})

    return create
