"""Keys that encrypt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def key(_name: str, inputs: Inputs) -> Creation:
    """Create a symmetric key."""
    definition = inputs.renamed(description="Description", policy="Policy")
    rotates = inputs.take("enableKeyRotation", default=False)
    tags = inputs.take("tags", {})
    # Only how the key is deleted.
    inputs.ignore("deletionWindowInDays")

    def create(aws: Endpoint) -> Created:
        kms_tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tag_list(tags)]
        made = aws.kms.create_key(Tags=kms_tags, **definition)["KeyMetadata"]
        if rotates:
            aws.kms.enable_key_rotation(KeyId=made["KeyId"])
        return Created(made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"], "tagsAll": tags})

    return create


def key_policy(_name: str, inputs: Inputs) -> Creation:
    """Put the one policy of a key, which until then has that of every new one: the account's root may do all."""
    key_id = inputs.take("keyId")
    policy = inputs.take("policy")
    # Whether one may be put that nobody could change any more.
    bypass = inputs.take("bypassPolicyLockoutSafetyCheck", default=False)

    def create(aws: Endpoint) -> Created:
        aws.kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=policy, BypassPolicyLockoutSafetyCheck=bypass)
        return Created(key_id, {})

    return create
