"""How many messages are in a queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from baler.commands.status.health import Queue
from baler.store_errors import Refused

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueueDepths:
    """Asks SQS.

    Args:
        sqs: boto3's client.
    """

    def __init__(self, sqs: SQSClient) -> None:
        self._sqs = sqs

    def of(self, url: str) -> Queue:
        """Return how many messages are visible, and how many are hidden by a reader."""
        found = self._sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
        return Queue(int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"]))

    def given_up_by(self, url: str) -> int:
        """Return how many messages a queue gave up on: the queue that its policy names lies beside it.

        Raises:
            Refused: its policy names none, so it is another queue than was meant.
        """
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
        policy = found.get("Attributes", {}).get("RedrivePolicy")
        if policy is None:
            raise Refused(f"the queue {url.rpartition('/')[2]} has no queue of dead letters: another one was meant")
        arn: str = json.loads(policy)["deadLetterTargetArn"]
        return self.of(f"{url.rpartition('/')[0]}/{arn.rpartition(':')[2]}").messages
