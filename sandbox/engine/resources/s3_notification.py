"""What a bucket announces about its objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def notification(_name: str, inputs: Inputs) -> Creation:
    """Send a bucket's events to queues. S3 sends each queue an `s3:TestEvent` first."""
    bucket_name = inputs.take("bucket")
    queues = [_queue(queue) for queue in inputs.sections("queues")]

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_notification_configuration(
            Bucket=bucket_name, NotificationConfiguration={"QueueConfigurations": queues}
        )
        return Created(bucket_name, {})

    return create


def _queue(queue: Inputs) -> Any:
    configuration = queue.renamed(events="Events", id="Id", queueArn="QueueArn")
    affixes = queue.renamed(filterPrefix="prefix", filterSuffix="suffix")
    if affixes:
        rules = [{"Name": name, "Value": value} for name, value in affixes.items()]
        configuration["Filter"] = {"Key": {"FilterRules": rules}}
    return configuration
