"""What may stop or slow down delivery, and what it does to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
