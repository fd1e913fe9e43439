"""Sets when failed messages are seen again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.aws.faults import unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs import SQSClient

# SQS takes so many messages in one call.
_CALL_MAX: Final = 10


class SqsQueue:
    """The queue that a batch came from.

    Args:
        client: an SQS client.
        url: the queue's URL.
    """

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def see_again(self, after: Mapping[str, int]) -> None:
        """Set the visibility timeout of messages, in seconds from now, by their receipt handles.

        A message for which SQS refuses it (its receipt has run out) keeps the timeout it has, which is only later.

        Raises:
            Unavailable: SQS did not answer; the messages left keep the timeout they have.
        """
        handles = list(after)
        for start in range(0, len(handles), _CALL_MAX):
            with unavailable("change visibility timeouts"):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": after[handle]}
                        for number, handle in enumerate(handles[start : start + _CALL_MAX])
                    ],
                )
