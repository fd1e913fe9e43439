"""What becomes of one thing that a replay or an extraction is to do, and what is still awaited of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchivedBundle


@dataclass(frozen=True, slots=True)
class Done:
    """It is done.

    Attributes:
        event: what to report.
        already_there: nothing had to be done for it.
    """

    event: Event
    already_there: bool


@dataclass(frozen=True, slots=True)
class Unobtainable:
    """It cannot be had, and trying again changes nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class Restoring:
    """Its bundle is on its way back from Deep Archive; `requested`: just now, by us."""

    bundle: ArchivedBundle
    requested: bool


@dataclass(frozen=True, slots=True)
class InTheWay:
    """The mailbox holds an earlier object of its bundle, which the consumer has not taken."""


@dataclass(frozen=True, slots=True)
class Failed:
    """S3 did not answer, or too late: it is tried again."""

    message: str


Outcome = Done | Unobtainable | Restoring | InTheWay | Failed


@dataclass(frozen=True, slots=True)
class Awaited:
    """How many are still awaited after a pass, and why.

    Attributes:
        restoring: Deep Archive has not brought the bundle back.
        in_the_way: the consumer has not taken an earlier object of the bundle.
        failed: could not be processed just now.
    """

    restoring: int = 0
    in_the_way: int = 0
    failed: int = 0

    @property
    def only_failed(self) -> bool:
        """Nothing but failures keeps it from being done."""
        return bool(self.failed) and not self.restoring and not self.in_the_way
