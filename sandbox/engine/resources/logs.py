"""Log groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def log_group(name: str, inputs: Inputs) -> Creation:
    """Create a log group; without a retention (or with 0 days) it keeps its events for ever."""
    group_name = physical_name(name, inputs, longest=512)
    definition = inputs.renamed(kmsKeyId="kmsKeyId", logGroupClass="logGroupClass")
    retention_days = inputs.take("retentionInDays")
    tags = inputs.take("tags", {})
    # Only whether the group stays when the stack is destroyed.
    inputs.ignore("skipDestroy")

    def create(aws: Endpoint) -> Created:
        if tags:
            definition["tags"] = tags
        aws.logs.create_log_group(logGroupName=group_name, **definition)
        if retention_days:
            aws.logs.put_retention_policy(logGroupName=group_name, retentionInDays=retention_days)
        account = aws.sts.get_caller_identity()["Account"]
        # Without the ":*" of the log streams, as the provider gives it.
        arn = f"arn:aws:logs:{aws.region}:{account}:log-group:{group_name}"
        return Created(group_name, {"name": group_name, "arn": arn, "tagsAll": tags})

    return create
