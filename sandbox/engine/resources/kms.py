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
