"""How long the ledger must remember a bundle that was delivered and deleted.

Nothing brings such a bundle again but

- the aggregator, which copies a bundle into the mailbox once more when it finishes what a dead attempt began. It does
  so as long as there are claims on the bundle: see claim_days;
- a replay. A new one is meant to deliver it again, whether the ledger knows the bundle or not. The same one, continued
  from its token, is not: `baler replay --continue` takes tokens of REPLAY_DAYS at the most.

An object that waits in the mailbox, however long, keeps its bundle in the ledger: it was not deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

DEFAULT_RETENTION_DAYS: Final = 7
"""As of the stack's setting `baler:filesLandingRetentionDays`."""

REPLAY_DAYS: Final = 90
_LONGEST_MESSAGE_DAYS: Final = 14
# The clocks of S3 and of whoever made a replay's token may differ.
_MARGIN_DAYS: Final = 1


@dataclass(frozen=True, slots=True)
class Horizon:
    """Bundles whose objects were put before these moments may be forgotten.

    Attributes:
        delivered: of those that the aggregator put.
        replayed: of those that were last put by a replay.
    """

    delivered: datetime
    replayed: datetime


def claim_days(retention_days: int) -> int:
    """Return how long the aggregator may put a bundle again, given the landing bucket's retention in days.

    A claim outlives its file, to whose retention S3 adds up to four days, and its message, which the dead-letter queue
    keeps for up to 14 (docs/decisions/0003-claim-lifetime.md).
    """
    return max(retention_days + 4, _LONGEST_MESSAGE_DAYS + 1)


def horizon(newest: datetime, retention_days: int) -> Horizon:
    """Reckon back from now.

    Args:
        newest: when the newest object that was seen in the mailbox was put, by S3's clock. Where this machine's clock
            is ahead of it, that is the time that counts: a clock that is wrong must not make the ledger forget.
        retention_days: of the landing bucket.
    """
    now = min(newest, _now()).replace(microsecond=0)
    delivered = now - timedelta(days=claim_days(retention_days) + _MARGIN_DAYS)
    return Horizon(delivered, min(delivered, now - timedelta(days=REPLAY_DAYS + _MARGIN_DAYS)))


def _now() -> datetime:
    return datetime.now(UTC)
