"""Sets when failed messages are seen again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from runtime.aws.attempts import attempt
from runtime.aws.deadline import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef

    from runtime.aws.lean.sqs import LeanSqs

# SQS takes so many messages in one call.
_CALL_MAX: Final = 10


class SqsQueue:
    """The queue that a batch came from.

    Args:
        client: boto3's, or the lean one.
        url: the queue's URL.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: SQSClient | LeanSqs, url: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._url = url
        self._deadline = deadline

    def see_again(self, after: Mapping[str, int]) -> None:
        """Set the visibility timeout of messages, in seconds from now, by their receipt handles.

        A message for which SQS refuses it (its receipt has run out) keeps the timeout it has, which is only later.

        Raises:
            Unavailable: SQS did not answer; the messages left keep the timeout they have.
        """
        handles = list(after)
        for start in range(0, len(handles), _CALL_MAX):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": after[handle]}
                for number, handle in enumerate(handles[start : start + _CALL_MAX])
            ]

            def change(entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = entries) -> None:
                self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

            attempt("change visibility timeouts", change, self._deadline)
