"""What is kept of each delivery: how often it was tried, and the receipt once the receiver has acknowledged it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeliveryId:
    """A bundle, and the replay that put it into the mailbox again. A receiver knows a delivery by both.

    Attributes:
        bundle_id: of the bundle.
        replay_id: of the replay; "" for the first delivery.
    """

    bundle_id: str
    replay_id: str = ""

    @property
    def name(self) -> str:
        """What it is called in the table and in logs."""
        return f"{self.bundle_id}#{self.replay_id}"


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One delivery. Times are seconds since the epoch.

    Attributes:
        delivery: of what.
        attempts: sends that ended in a refusal of this bundle, or in the acknowledgement.
        refusals: refusals of this bundle for its own sake since it was last set aside.
        reason: of the last refusal.
        sha256: of the bundle that was acknowledged, 64 hexadecimal digits; "" while it was not.
        status: of HTTP, of the acknowledgement; 0 while there is none.
        delivered_at: when it was acknowledged; 0 while it was not. This makes the record a receipt.
    """

    delivery: DeliveryId
    attempts: int = 0
    refusals: int = 0
    reason: str = ""
    sha256: str = ""
    status: int = 0
    delivered_at: float = 0.0

    @property
    def is_receipt(self) -> bool:
        """Whether the receiver has acknowledged it."""
        return self.delivered_at > 0
