"""What SQS's requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources

# A redrive does what a consumer of the dead letters would do (SQS developer guide, "Configuring queue permissions for
# dead-letter queue redrive").
_MOVES = ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
# `/queue/<region>/<account>/<name>`, or without the first two.
_PATH_WITH_REGION = 4


def sqs_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to SQS needs."""
    parameters = call.parameters
    source = parameters.get("SourceArn")
    if call.operation == "StartMessageMoveTask":
        for action in _MOVES:
            yield _on_queue(action, parameters["SourceArn"], resources)
        if destination := parameters.get("DestinationArn"):
            yield _on_queue("SendMessage", destination, resources)
    elif source:
        yield _on_queue(call.operation, source, resources)
    elif not parameters.keys() & {"QueueUrl", "QueueName"}:
        # A list, which is about no queue (service authorization reference, "Actions defined by Amazon SQS").
        yield Access(f"sqs:{call.operation}", "*", call.account)
    else:
        # SendMessageBatch needs sqs:SendMessage.
        yield _on_queue(call.operation.removesuffix("Batch"), _queue_arn(call), resources)


def _on_queue(action: str, arn: str, resources: Resources) -> Access:
    account = arn.split(":")[4]
    return Access(f"sqs:{action}", arn, account, resources.queue_policy(arn))


def _queue_arn(call: Call) -> str:
    url = call.parameters.get("QueueUrl")
    if not url:
        account = call.parameters.get("QueueOwnerAWSAccountId", call.account)
        return f"arn:aws:sqs:{call.region}:{account}:{call.parameters['QueueName']}"
    parts = urlsplit(url).path.strip("/").split("/")
    region = parts[1] if len(parts) == _PATH_WITH_REGION else call.region
    account, name = parts[-2:]
    return f"arn:aws:sqs:{region}:{account}:{name}"
