"""Sets when failed messages are seen again, and moves those that can never be processed to the dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.aws.faults import unavailable
from runtime.claims.ports import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from runtime.aggregator.rejection import DeadLetter

# SQS takes so many messages in one call.
_CALL_MAX: Final = 10
# And so many bytes, all bodies and attributes together: what the queues are declared with, and the least that SQS ever
# had as its limit (API reference, SendMessageBatch).
_CALL_BYTES_MAX: Final = 262_144
# More than the attributes of a message have.
_ATTRIBUTE_BYTES: Final = 1024


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


class SqsDeadLetters:
    """The DeadLetters port (see runtime/aggregator/rejection.py).

    Args:
        client: an SQS client.
        url: the dead-letter queue's URL.
    """

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def move(self, letters: Sequence[DeadLetter]) -> dict[str, str]:
        """Send messages; SQS takes or refuses each by itself, though all of a call may have one answer of HTTP."""
        refused: dict[str, str] = {}
        for call in _calls(letters):
            try:
                with unavailable("move to the dead-letter queue"):
                    answer = self._client.send_message_batch(
                        QueueUrl=self._url, Entries=[_entry(number, letter) for number, letter in enumerate(call)]
                    )
            except Unavailable as error:
                refused |= {letter.message.message_id: str(error) for letter in call}
                continue
            refused |= {call[int(each["Id"])].message.message_id: each["Code"] for each in answer.get("Failed", [])}
        return refused


def _calls(letters: Sequence[DeadLetter]) -> Iterator[list[DeadLetter]]:
    call: list[DeadLetter] = []
    size = 0
    for letter in letters:
        needed = len(letter.message.body.encode()) + _ATTRIBUTE_BYTES
        if call and (len(call) == _CALL_MAX or size + needed > _CALL_BYTES_MAX):
            yield call
            call, size = [], 0
        call.append(letter)
        size += needed
    if call:
        yield call


def _entry(number: int, letter: DeadLetter) -> SendMessageBatchRequestEntryTypeDef:
    message = letter.message
    return {
        "Id": str(number),
        "MessageBody": message.body,
        "MessageAttributes": {
            "reason": {"DataType": "String", "StringValue": letter.reason.value},
            "message-id": {"DataType": "String", "StringValue": message.message_id},
            "sent-timestamp": {"DataType": "Number", "StringValue": str(round(message.sent_at * 1000))},
            "receive-count": {"DataType": "Number", "StringValue": str(message.receives)},
        },
    }
