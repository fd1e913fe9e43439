"""Sets when failed messages are seen again, and moves those that can never be processed to the dead-letter queue."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

    from baler.aws.http.sqs import HttpSqs
    from runtime.files.aggregator.rejection import DeadLetter

# SQS takes at most that many messages in one call.
_CALL_MAX: Final = 10
# And at most that many bytes, bodies and attributes together: the queues' limit, which is the lowest that SQS has had
# (API reference, SendMessageBatch).
_CALL_BYTES_MAX: Final = 262_144
# More than the attributes of a message have.
_ATTRIBUTE_BYTES: Final = 1024


class SqsQueue:
    """The queue that a batch came from.

    Args:
        client: boto3's, or `baler.aws.http`'s.
        url: the queue's URL.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: SQSClient | HttpSqs, url: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._url = url
        self._deadline = deadline

    def set_visibility(self, after: Mapping[str, int]) -> None:
        """Set the visibility timeout of messages, in seconds from now, by their receipt handles.

        A message for which SQS refuses it (its receipt has run out) keeps the timeout it has, which is only later.

        Raises:
            Unavailable: SQS did not answer some call, whose messages keep the timeout they have.
        """
        failure: Unavailable | None = None
        handles = list(after)
        for start in range(0, len(handles), _CALL_MAX):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": after[handle]}
                for number, handle in enumerate(handles[start : start + _CALL_MAX])
            ]

            def change(entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = entries) -> None:
                self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

            try:
                attempt("change visibility timeouts", change, self._deadline)
            except Unavailable as error:
                failure = error
        if failure is not None:
            raise failure


class SqsDeadLetters:
    """The DeadLetters port (see runtime/files/aggregator/rejection.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        url: the dead-letter queue's URL.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: SQSClient | HttpSqs, url: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._url = url
        self._deadline = deadline

    def move(self, letters: Sequence[DeadLetter]) -> dict[str, str]:
        """Send messages; SQS takes or refuses each by itself, though all of a call have one status of HTTP."""
        failed: dict[str, str] = {}
        for call in _calls(letters):
            entries = [_entry(number, letter) for number, letter in enumerate(call)]

            def send(entries: list[SendMessageBatchRequestEntryTypeDef] = entries) -> Mapping[str, Any]:
                return self._client.send_message_batch(QueueUrl=self._url, Entries=entries)

            try:
                answer = attempt("send to the dead-letter queue", send, self._deadline)
            except Unavailable as error:
                failed |= {letter.message.message_id: str(error) for letter in call}
                continue
            failed |= {call[int(each["Id"])].message.message_id: each["Code"] for each in answer.get("Failed", [])}
        return failed


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
