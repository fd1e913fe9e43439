"""One run of the event stream's load, from its start to its verdict."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from loadtest.drain import DRAIN_SECONDS, Drain, Ending
from loadtest.events.ledger import EventLedger
from loadtest.events.sender import Sender
from loadtest.events.verdict import judge
from loadtest.events.watch import ProcessedWatch
from loadtest.queues import messages_in
from loadtest.stack_under_test import StackUnderTestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtest.events.ledger import Place, SentEvent
    from loadtest.events.stack_under_test import EventsUnderTest
    from loadtest.events.verdict import EventsVerdict
    from loadtest.shapes import Shape

_POLL_SECONDS: Final = 1.0
_CLIENT: Final = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
# A retry below us would put events twice without a word.
_PRODUCER: Final = Config(
    connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=16
)


class EventsMeasurement:
    """A run from its start.

    Args:
        target: the stack.
        shape: the load.
        on_call: called after each PutRecords with its seconds, its bytes and the error, if any, that ended it.
        on_delivery: called with the latency, in seconds, of each event that is processed.

    Attributes:
        run: the run's id, which is in every event.
        ledger: what was sent and what was processed.
        started: seconds since the epoch.
        failed_looks: how often AWS did not answer.

    Raises:
        StackUnderTestError: the stack cannot be reached, or does not let itself be watched.
    """

    def __init__(
        self,
        target: EventsUnderTest,
        shape: Shape,
        on_call: Callable[[float, int, Exception | None], None],
        on_delivery: Callable[[float], None],
    ) -> None:
        self.target = target
        self.shape = shape
        self._on_delivery = on_delivery
        self._sqs = boto3.client("sqs", region_name=target.region, config=_CLIENT)
        self.started = time.time()
        self.run = f"{datetime.fromtimestamp(self.started, UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.ledger = EventLedger()
        self.failed_looks = 0
        s3 = boto3.client("s3", region_name=target.region, config=_CLIENT)
        self._watch = ProcessedWatch(s3, target.processed_bucket, self.started)
        self._drain = Drain(self.started + shape.seconds + DRAIN_SECONDS)
        try:
            for _ in self._watch.look(self.started):
                pass  # of an earlier run
            self._dead_before = messages_in(self._sqs, target.transform_dead_letter_queue_url)
            self.sender = Sender(_producer(target), target.stream, self.run, shape, on_call, self._note_sent)
        except (BotoCoreError, ClientError) as error:
            raise StackUnderTestError(f"The stack cannot be watched: {error}") from error

    def watch_until_over(self) -> Ending:
        """Look about once a second until the run is over, and return how it ended."""
        while (ending := self._look(time.time())) is None:
            time.sleep(_POLL_SECONDS)
        return ending

    def progress(self) -> str:
        """Tell in a line how far it is."""
        sent, missing = len(self.ledger.sent), len(self.ledger.missing)
        return f"{time.time() - self.started:.0f} s: {sent} of {self.shape.files} events sent, {missing} on their way"

    def finish(self, ending: Ending) -> EventsVerdict:
        """Judge the run."""
        dead_letters = messages_in(self._sqs, self.target.transform_dead_letter_queue_url) - self._dead_before
        return judge(self.shape, self.ledger, ending, dead_letters, self.sender.given_up)

    def _note_sent(self, events: dict[Place, SentEvent]) -> None:
        for latency in self.ledger.note_sent(events):
            self._on_delivery(latency)

    def _look(self, now: float) -> Ending | None:
        sending = not self.sender.done
        try:
            queued = 1 if sending else messages_in(self._sqs, self.target.transform_queue_url)
            for places, at in self._watch.look(now):
                for latency in self.ledger.note_processed(places, at):
                    self._on_delivery(latency)
        except (BotoCoreError, ClientError):
            self.failed_looks += 1
            queued = 1
        return self._drain.ended(now, uploading=sending, queued=queued, missing=len(self.ledger.missing))


def _producer(target: EventsUnderTest) -> Any:
    """Return a client that signs as the producer: nobody else may encrypt what goes into the stream."""
    sts: Any = boto3.client("sts", region_name=target.region, config=_CLIENT)
    session = sts.assume_role(RoleArn=target.producer_role_arn, RoleSessionName="loadtest")["Credentials"]
    # No stubs of it are installed: one call does not earn them.
    return cast("Any", boto3).client(
        "kinesis",
        region_name=target.region,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
        config=_PRODUCER,
    )
