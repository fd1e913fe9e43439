"""Whether the message of a file is among the dead letters: asked of the queue, where SQS itself moved it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.aws.queue_scan import QueueScan
from baler.cli.report import quantity
from baler.files.notification import Poison, landed_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mypy_boto3_sqs import SQSClient

    from baler.aws.dead_letter import ReceivedDeadLetter


class DeadLetterSearch:
    """Searches the dead letters, once, for whatever is asked for first. Errors are botocore's.

    Args:
        client: makes an SQS client: it is asked for few files, and takes a tenth of a second.
        url: the dead-letter queue's.
        landing_bucket: whose files the messages announce.
    """

    def __init__(self, client: Callable[[], SQSClient], url: str, landing_bucket: str) -> None:
        self._client = client
        self._url = url
        self._landing_bucket = landing_bucket

    def reasons(self, identities: Collection[str]) -> dict[str, str]:
        """Return why files are dead letters, by their identity. To be read adds one to a message's receives."""
        found: dict[str, str] = {}
        with QueueScan(self._client(), self._url) as scan:
            if not scan.depth().messages:
                return found
            for batch in scan.batches():
                for letter in batch:
                    found |= dict.fromkeys(self._announced(letter).intersection(identities), _reason(letter))
                if len(found) == len(identities):
                    break
        return found

    def _announced(self, letter: ReceivedDeadLetter) -> set[str]:
        try:
            return {file.identity for file in landed_files(letter.body, self._landing_bucket)}
        except Poison:
            return set()


def _reason(letter: ReceivedDeadLetter) -> str:
    if letter.rejection is not None:
        return letter.rejection.reason
    # This reading is one of the receives.
    return f"SQS gave it up after {quantity(letter.receives - 1, 'receive')}"
