"""Secrets, without their values: those are put by whoever knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def secret(name: str, inputs: Inputs) -> Creation:
    """Create a secret that has no value yet."""
    secret_name = physical_name(name, inputs, longest=512)
    definition = inputs.renamed(description="Description", kmsKeyId="KmsKeyId")
    tags = inputs.take("tags", {})
    # Only how the secret is deleted.
    inputs.ignore("recoveryWindowInDays")

    def create(aws: Endpoint) -> Created:
        arn = aws.secrets.create_secret(Name=secret_name, Tags=tag_list(tags), **definition)["ARN"]
        return Created(arn, {"name": secret_name, "arn": arn, "tagsAll": tags})

    return create


def secret_policy(_name: str, inputs: Inputs) -> Creation:
    """Say who may use a secret."""
    arn = inputs.take("secretArn")
    definition = inputs.renamed(blockPublicPolicy="BlockPublicPolicy", policy="ResourcePolicy")

    def create(aws: Endpoint) -> Created:
        aws.secrets.put_resource_policy(SecretId=arn, **definition)
        return Created(arn, {})

    return create
