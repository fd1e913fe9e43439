"""What may stop or slow down delivery, and what it does to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from baler.files.courier.answer import Answer, Meaning
from baler.files.reason import Reason
from runtime.files.aggregator.file_outcome import BUNDLED, FileOutcome, rejected, retry


class Fed(StrEnum):
    """Whether files that land get into the queue."""

    YES = "yes"
    NOTIFICATION_REPLACED = "the bucket's events go elsewhere"
    POLICY_GONE = "the queue refuses the bucket"
    QUEUE_GONE = "there is no queue"


class Mapping(StrEnum):
    """Whether the function is fed from the queue."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    MISSING = "there is none"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Something that is wrong from a moment on.

    Attributes:
        name: what a reader sees.
        minutes: within how many somebody must be paged, from the moment on; None where nobody need be.
        files: what the function says of every file that it gets.
        every: of so many files one meets it; the others are delivered.
        run_seconds: how long each run of the function takes.
        crashes, throttled: what becomes of each run.
        collected: of the bundles that are put into the mailbox, the share that the consumer takes.
        monitor: whether the monitor runs.
        answer: what the receiver says to a bundle; None is an acknowledgement.
        answers_every: so it does to one bundle of so many; the others it takes.
        answer_seconds: how long it takes for any.
        courier: whether anybody invokes the courier.
        courier_crashes: what becomes of each of its runs.
    """

    name: str
    minutes: int | None = 5
    files: FileOutcome = BUNDLED
    every: int = 1
    run_seconds: float = 0.5
    crashes: bool = False
    throttled: bool = False
    fed: Fed = Fed.YES
    mapping: Mapping = Mapping.ENABLED
    collected: float = 1.0
    monitor: bool = True
    answer: Answer | None = None
    answers_every: int = 1
    answer_seconds: float = 0.1
    courier: bool = True
    courier_crashes: bool = False


NOTHING: Final = Cause(name="nothing", minutes=None)

# A run that is killed at its timeout, and one that gives up in time what hangs (components/files/settings.py, 18 s).
_KILLED: Final = 18.0
_NEARLY: Final = 15.0
# What requirement document 1 asks for (NFR-04): an hour's worth.
_HOUR: Final = 60

CAUSES: Final = (
    Cause(name="landing bucket refuses every read (403)", files=retry(Reason.UNREADABLE)),
    Cause(name="landing bucket answers 5xx", files=retry(Reason.LANDING_UNAVAILABLE)),
    Cause(name="landing bucket does not answer", files=retry(Reason.LANDING_UNAVAILABLE), run_seconds=_NEARLY),
    Cause(name="claim table throttled or refused", files=retry(Reason.CLAIMS_UNAVAILABLE)),
    Cause(name="claim table throttled for one file in four", files=retry(Reason.CLAIMS_UNAVAILABLE), every=4),
    Cause(name="claim table does not answer", files=retry(Reason.CLAIMS_UNAVAILABLE), run_seconds=_NEARLY),
    Cause(name="archive answers 503", files=retry(Reason.ARCHIVE_UNAVAILABLE)),
    Cause(name="mailbox refuses every put (403)", files=retry(Reason.MAILBOX_UNAVAILABLE)),
    Cause(name="bundles of dead attempts cannot be read", files=retry(Reason.EARLIER_BUNDLE_UNAVAILABLE)),
    Cause(name="dead-letter queue refuses what can never be processed", files=retry(Reason.DEAD_LETTERS_UNAVAILABLE)),
    Cause(name="an error that nobody expects", files=retry(Reason.INTERNAL_ERROR)),
    Cause(name="function crashes", crashes=True),
    Cause(name="function killed at its timeout", crashes=True, run_seconds=_KILLED),
    Cause(name="function throttled", throttled=True),
    Cause(name="event source mapping disabled", mapping=Mapping.DISABLED),
    Cause(name="event source mapping missing", mapping=Mapping.MISSING),
    Cause(name="bucket notification replaced", fed=Fed.NOTIFICATION_REPLACED),
    Cause(name="queue policy gone", fed=Fed.POLICY_GONE),
    Cause(name="queue gone", fed=Fed.QUEUE_GONE),
    Cause(name="poison flood: no message can be processed", files=rejected(Reason.UNKNOWN_SCHEMA)),
    Cause(name="consumer down", minutes=_HOUR, collected=0.0),
    Cause(name="consumer takes half of what comes", minutes=_HOUR, collected=0.5),
    # Delivery goes on, and nobody would notice that the consumer is down.
    Cause(name="mailbox monitor does not run", minutes=10, monitor=False),
)
"""Everything that must not go unnoticed: the rows of docs/alarms.md."""

# As long as a send may last (components/files/courier_settings.py).
_TIMEOUT: Final = 30.0
# A receiver that does the work of a bundle in this time, one after the other, keeps up with half of them.
_SLOW: Final = 4.2
# Beyond the time of grace, and what alarms need.
_CREDENTIALS: Final = 10
_RECEIVER: Final = 8

CAUSES_OF_PUSH: Final = (
    Cause(
        name="receiver refuses connections",
        minutes=_RECEIVER,
        answer=Answer(Meaning.UNREACHABLE, "connection-refused"),
    ),
    Cause(
        name="receiver does not answer",
        minutes=_RECEIVER,
        answer=Answer(Meaning.UNREACHABLE, "timeout"),
        answer_seconds=_TIMEOUT,
    ),
    Cause(name="receiver is full (503)", minutes=_RECEIVER, answer=Answer(Meaning.BUSY, "503", 503)),
    Cause(name="receiver refuses every bundle (422)", minutes=_RECEIVER, answer=Answer(Meaning.REFUSED, "422", 422)),
    Cause(
        name="receiver does not know the address (404)", minutes=_RECEIVER, answer=Answer(Meaning.MISPLACED, "404", 404)
    ),
    Cause(
        name="receiver refuses our credentials (401)",
        minutes=_CREDENTIALS,
        answer=Answer(Meaning.UNAUTHORIZED, "401", 401),
    ),
    Cause(
        name="receiver refuses one bundle in twenty (422)",
        minutes=None,
        answer=Answer(Meaning.REFUSED, "422", 422),
        answers_every=20,
    ),
    Cause(name="receiver takes half of what comes", minutes=_HOUR, answer_seconds=_SLOW),
    Cause(name="courier crashes", courier_crashes=True),
    Cause(name="nobody invokes the courier", minutes=10, courier=False),
)
"""The same of a stack whose courier delivers, beside those that have nothing to do with the delivery."""
