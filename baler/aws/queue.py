"""A queue as functions use it: when messages are seen again, which are gone, and messages to be sent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        DeleteMessageBatchRequestEntryTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

    from baler.aws.http.sqs import HttpSqs

LONGEST_DELAY_SECONDS: Final = 900
"""The longest that SQS holds a message back (API reference, SendMessageBatch, DelaySeconds)."""

# SQS takes at most that many messages in one call.
_CALL_MAX: Final = 10
# And at most that many bytes, bodies and attributes together: the queues' limit, which is the lowest that SQS has had
# (API reference, SendMessageBatch).
_CALL_BYTES_MAX: Final = 262_144
# More than the attributes of a message have.
_ATTRIBUTE_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to be sent.

    Attributes:
        body: of the message.
        attributes: of the message, by name; numbers are sent as numbers.
        delay_seconds: so long it is held back, up to `LONGEST_DELAY_SECONDS`.
    """

    body: str
    attributes: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    delay_seconds: int = 0


class SqsQueue:
    """A queue.

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

    def delete(self, handles: Sequence[str]) -> None:
        """Delete messages, by their receipt handles; one for which SQS refuses it is received again.

        Raises:
            Unavailable: SQS did not answer some call, whose messages may be received again.
        """
        failure: Unavailable | None = None
        for start in range(0, len(handles), _CALL_MAX):
            entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": handle}
                for number, handle in enumerate(handles[start : start + _CALL_MAX])
            ]

            def delete(entries: list[DeleteMessageBatchRequestEntryTypeDef] = entries) -> None:
                self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)

            try:
                attempt("delete messages", delete, self._deadline)
            except Unavailable as error:
                failure = error
        if failure is not None:
            raise failure

    def send(self, what: str, messages: Sequence[OutgoingMessage]) -> dict[int, str]:
        """Send messages; SQS takes or refuses each by itself, though all of a call have one status of HTTP.

        Args:
            what: of the call, for the reasons.
            messages: in any number.

        Returns:
            Why SQS did not take those that it did not take, by their position; one of a call that was not answered may
            have been taken.
        """
        failed: dict[int, str] = {}
        for call in _calls(messages):
            entries = [_entry(position, messages[position]) for position in call]

            def send(entries: list[SendMessageBatchRequestEntryTypeDef] = entries) -> Mapping[str, Any]:
                return self._client.send_message_batch(QueueUrl=self._url, Entries=entries)

            try:
                answer = attempt(what, send, self._deadline)
            except Unavailable as error:
                failed |= dict.fromkeys(call, str(error))
                continue
            failed |= {int(each["Id"]): each["Code"] for each in answer.get("Failed", [])}
        return failed


def _calls(messages: Sequence[OutgoingMessage]) -> Iterator[list[int]]:
    """Yield the positions of the messages of each call."""
    call: list[int] = []
    size = 0
    for position, message in enumerate(messages):
        needed = len(message.body.encode()) + _ATTRIBUTE_BYTES
        if call and (len(call) == _CALL_MAX or size + needed > _CALL_BYTES_MAX):
            yield call
            call, size = [], 0
        call.append(position)
        size += needed
    if call:
        yield call


def _entry(position: int, message: OutgoingMessage) -> SendMessageBatchRequestEntryTypeDef:
    entry: SendMessageBatchRequestEntryTypeDef = {
        "Id": str(position),
        "MessageBody": message.body,
        "MessageAttributes": {
            name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
            for name, value in message.attributes.items()
        },
    }
    if message.delay_seconds:
        entry["DelaySeconds"] = message.delay_seconds
    return entry


def sibling_url(url: str, arn: str) -> str:
    """Return the URL of a queue of the same account and region as another, given that one's URL and its own ARN.

    >>> sibling_url("https://sqs.eu-west-2.amazonaws.com/111122223333/ingest", "arn:aws:sqs:eu-west-2:1:ingest-2")
    'https://sqs.eu-west-2.amazonaws.com/111122223333/ingest-2'
    """
    return f"{url.rpartition('/')[0]}/{arn.rpartition(':')[2]}"
