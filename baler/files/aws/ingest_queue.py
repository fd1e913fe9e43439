"""The ingest queue as reconciliation uses it: how much it holds, and more messages for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.aws.attempts import unavailable
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

# SQS takes so many messages in one call.
_CALL_MAX: Final = 10
_TRIES: Final = 3
_DEPTH: Final[tuple[QueueAttributeNameType, ...]] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class SqsIngestQueue:
    """The IngestQueue port (see baler/files/reconciliation/ports.py).

    Args:
        client: an SQS client.
        urls: of its lanes, with spaces between: all are counted, and the first is sent to, whatever a file's key is.
    """

    def __init__(self, client: SQSClient, urls: str) -> None:
        self._client = client
        self._urls = urls.split()

    def depth(self) -> int:
        """Return about how many messages the queue holds, those in flight and delayed ones included."""
        with unavailable("ask for the queue's depth"):
            found = [
                self._client.get_queue_attributes(QueueUrl=url, AttributeNames=_DEPTH)["Attributes"]
                for url in self._urls
            ]
        return sum(int(lane[name]) for lane in found for name in _DEPTH)

    def send(self, bodies: Sequence[str]) -> None:
        """Send messages, ten in a call; SQS may take some of a call and not others."""
        for start in range(0, len(bodies), _CALL_MAX):
            left = dict(enumerate(bodies[start : start + _CALL_MAX]))
            for _ in range(_TRIES):
                with unavailable("send to the ingest queue"):
                    answer = self._client.send_message_batch(
                        QueueUrl=self._urls[0],
                        Entries=[{"Id": str(number), "MessageBody": body} for number, body in left.items()],
                    )
                failed = answer.get("Failed", [])
                left = {int(entry["Id"]): left[int(entry["Id"])] for entry in failed}
                if not left:
                    break
            else:
                raise Unavailable(f"send to the ingest queue: SQS refused {len(left)} messages")
