"""What a bucket announces about its objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def notification(_name: str, inputs: Inputs) -> Creation:
    """Send a bucket's events to queues and functions.

    S3 sends each queue an `s3:TestEvent` first, and refuses a function that it may not invoke.
    """
    bucket_name = inputs.take("bucket")
    configurations: Any = {
        "LambdaFunctionConfigurations": [
            _receiver(function, lambdaFunctionArn="LambdaFunctionArn")
            for function in inputs.sections("lambdaFunctions")
        ],
        "QueueConfigurations": [_receiver(queue, queueArn="QueueArn") for queue in inputs.sections("queues")],
    }
    filled: Any = {name: receivers for name, receivers in configurations.items() if receivers}

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_notification_configuration(Bucket=bucket_name, NotificationConfiguration=filled)
        return Created(bucket_name, {})

    return create


def _receiver(receiver: Inputs, **arn: str) -> Any:
    configuration = receiver.renamed(events="Events", id="Id", **arn)
    affixes = receiver.renamed(filterPrefix="prefix", filterSuffix="suffix")
    if affixes:
        rules = [{"Name": name, "Value": value} for name, value in affixes.items()]
        configuration["Filter"] = {"Key": {"FilterRules": rules}}
    return configuration
