"""What must hold: the four invariants of the design, at the moment that each can be broken, and at the end."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.events import LANDING

from baler.files.reason import Reason
from runtime.files.aggregator.isolation import KILLS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from harness.stores import Stored

    from baler.files.courier.delivery_record import DeliveryId
    from simulation.ingest_queue import IngestQueue, Queued
    from simulation.workload import Announcement, Workload


class Harm(StrEnum):
    """What was done to a file, a bundle or the receiver."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    DAMAGED = "damaged"
    MISJUDGED = "misjudged"
    FLOODED = "flooded"
    """The receiver is sent more than it may be."""
    STUCK = "stuck"
    """What should move by now does not."""


class Violation(BaseException):
    """An invariant does not hold: the schedule is over. Not an Exception, which the code under test may handle."""

    def __init__(self, harm: Harm, what: str) -> None:
        super().__init__(f"{harm}: {what}")
        self.harm = harm


@dataclass
class Invariants:
    """Watches one schedule.

    Attributes:
        workload: what landed.
        archive, mailbox: what is in the buckets, by bundle id; None is a fence.
        bundle_of: the archived bundle of each file identity.
        mailed: the bundles that were ever in the mailbox.
        delivered: how often the consumer published each file identity.
        tampered: bundles that somebody else spoiled in the mailbox.
    """

    workload: Workload
    archive: Mapping[str, Stored | None]
    mailbox: Mapping[str, Stored]
    bundle_of: dict[str, str] = field(default_factory=dict[str, str])
    mailed: set[str] = field(default_factory=set[str])
    delivered: Counter[str] = field(default_factory=Counter[str])
    tampered: set[str] = field(default_factory=set[str])
    _archived: dict[str, Stored] = field(default_factory=dict[str, "Stored"])

    def after_archive_write(self) -> None:
        """Invariants 2 and 4: no file version in two archived bundles, and the hash is that of the bytes."""
        for bundle_id, stored in self.archive.items():
            if stored is None:
                if bundle_id in self._archived:
                    raise Violation(Harm.LOST, f"{short(bundle_id)} was overwritten by a fence")
                continue
            if bundle_id in self._archived:
                if self._archived[bundle_id] is not stored:
                    raise Violation(Harm.DAMAGED, f"{short(bundle_id)} was overwritten in the archive")
                continue
            self._archived[bundle_id] = stored
            _check_hash(bundle_id, stored)
            for key, version in stored.identities:
                identity = self._identity(key, version)
                if identity in self.bundle_of:
                    first = short(self.bundle_of[identity])
                    raise Violation(Harm.DUPLICATED, f"{key}@{version} is in {first} and in {short(bundle_id)}")
                self.bundle_of[identity] = bundle_id

    def after_mailbox_write(self) -> None:
        """Invariants 3 and 4: nothing is in the mailbox but what is archived, byte for byte."""
        for bundle_id, stored in self.mailbox.items():
            archived = self._archived.get(bundle_id)
            if archived is None:
                raise Violation(Harm.DAMAGED, f"{short(bundle_id)} is in the mailbox and not in the archive")
            if archived is not stored and archived != stored and bundle_id not in self.tampered:
                raise Violation(Harm.DAMAGED, f"{short(bundle_id)} differs between archive and mailbox")
            self.mailed.add(bundle_id)

    def before_rejection(self, message: Queued, reason: Reason) -> None:
        """No message is said to kill that did not."""
        if reason is Reason.KILLS and message.crashes < KILLS:
            raise Violation(Harm.MISJUDGED, f"message {message.announcement.number} was rejected: it never killed")

    def before_deletion(self, announcement: Announcement, *, moved: bool = False) -> None:
        """Invariant 1: a message is deleted only when its files are archived and were put into the mailbox.

        Or when a copy of it was moved to the dead letters.
        """
        if moved:
            return
        name = f"message {announcement.number}"
        if not announcement.files:
            raise Violation(Harm.LOST, f"{name} was poison, and was deleted")
        for file in announcement.files:
            bundle_id = self.bundle_of.get(file.identity)
            if bundle_id is None:
                raise Violation(Harm.LOST, f"{name} was deleted, and {file.identity} is in no archived bundle")
            if bundle_id not in self.mailed:
                raise Violation(Harm.LOST, f"{name} was deleted, and {short(bundle_id)} was never in the mailbox")

    def published(self, key: str, version: str | None, content: bytes) -> None:
        """Invariant 3: the consumer publishes each file once, with the bytes that landed."""
        identity = self._identity(key, version)
        self.delivered[identity] += 1
        if self.delivered[identity] > 1:
            raise Violation(Harm.DUPLICATED, f"the consumer published {identity} twice")
        if self.workload.files[identity].content != content:
            raise Violation(Harm.DAMAGED, f"the consumer published {identity} with other bytes")

    def at_the_end(
        self, queue: IngestQueue, landing: Container[str], pushed: Callable[[str], bool] | None = None
    ) -> None:
        """All four, once everything has come to rest.

        Args:
            queue: what is left there waits.
            landing: the identities that can be fetched.
            pushed: tells of a bundle id whether it has reached its receiver, where bundles are pushed.
        """
        waiting = {
            file.identity for message in (*queue.messages.values(), *queue.dead) for file in message.announcement.files
        }
        for bundle_id in self._archived.keys() - self.mailed:
            raise Violation(Harm.LOST, f"{short(bundle_id)} is archived, and was never in the mailbox")
        for identity in self.workload.files:
            if identity in self.bundle_of:
                if pushed is not None:
                    if not pushed(self.bundle_of[identity]):
                        raise Violation(Harm.LOST, f"{identity} is archived, and the receiver never got it")
                elif not self.delivered[identity]:
                    raise Violation(Harm.LOST, f"{identity} is archived, and the consumer never published it")
            elif identity in landing:
                raise Violation(Harm.LOST, f"{identity} can be fetched, and is in no archived bundle")
            elif identity not in waiting:
                raise Violation(Harm.LOST, f"{identity} is in no archived bundle and in no queue")

    def _identity(self, key: str, version: str | None) -> str:
        identity = f"{LANDING}/{key}@{version}"
        if identity not in self.workload.files:
            raise Violation(Harm.DAMAGED, f"{identity} never landed, and is in a bundle")
        return identity


def short(bundle_id: str) -> str:
    """A bundle's name in a report: its number, which the simulation gave it as entropy."""
    return f"bundle {int(bundle_id[-16:], 16)}"


def about(delivery: DeliveryId) -> str:
    """A delivery's name in a report."""
    return f"{short(delivery.bundle_id)}{f' of {delivery.replay_id}' if delivery.replay_id else ''}"


def _check_hash(bundle_id: str, stored: Stored) -> None:
    if hashlib.sha256(stored.body).hexdigest() != stored.sha256:
        raise Violation(Harm.DAMAGED, f"the hash in the metadata of {short(bundle_id)} is not that of its bytes")
