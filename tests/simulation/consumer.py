"""The consumer: a model of baler/commands/consume with its order of durable steps, and a crash between any two of them.

A bundle is new, then `unpacked` (verified, and its files staged: from here on the disk is the truth), then `delivered`
(each staged file moved into place), then `removed` (deleted from the mailbox). What a pass finds begun it finishes
first; what the mailbox offers again although it was removed is removed again. The ledger and the disk survive a crash.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from baler.files.bundle.manifest import MEMBER, Manifest
from baler.store_errors import Unavailable
from simulation.actor import Actor
from simulation.invariants import Harm, Violation, short

if TYPE_CHECKING:
    from harness.stores import Stored

    from baler.files.bundle.manifest import ManifestFile
    from simulation.situation import Situation

_POLL_SECONDS: Final = 5.0


class State(Enum):
    """How far a bundle is, in the ledger."""

    UNPACKED = auto()
    DELIVERED = auto()
    REMOVED = auto()


class ConsumerActor(Actor):
    """The on-premises service."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._mailbox = situation.memory.mailbox.objects
        self._invariants = situation.memory.invariants
        self._ledger: dict[str, State] = {}
        self._staged: dict[str, list[tuple[ManifestFile, bytes]]] = {}
        self._next_pass = 0.0

    def ready_at(self) -> float | None:
        """A pass that would find nothing is none."""
        begun = self._in_state(State.UNPACKED) or self._in_state(State.DELIVERED)
        return max(self._next_pass, self.world.now) if begun or self._mailbox else None

    def run(self) -> None:
        self._next_pass = self.world.now + _POLL_SECONDS
        try:
            for bundle_id in self._in_state(State.UNPACKED):
                self._deliver(bundle_id)
            for bundle_id in self._in_state(State.DELIVERED):
                self._remove(bundle_id)
            for bundle_id in self.call("mailbox.list", "", lambda: sorted(self._mailbox)):
                self._take(bundle_id)
        except Unavailable:
            return  # the next pass goes on

    def _in_state(self, state: State) -> list[str]:
        return sorted(bundle_id for bundle_id, found in self._ledger.items() if found is state)

    def _take(self, bundle_id: str) -> None:
        if bundle_id in self._ledger:
            self._advance(bundle_id, State.DELIVERED)
            self._remove(bundle_id)
            return
        stored = self.call("mailbox.get", short(bundle_id), lambda: self._mailbox.get(bundle_id))
        if stored is None:
            return
        files = _unpack(bundle_id, stored)

        def unpacked() -> None:
            self._staged[bundle_id] = files
            self._ledger[bundle_id] = State.UNPACKED

        self.call("ledger.unpacked", short(bundle_id), unpacked)
        self._deliver(bundle_id)
        self._remove(bundle_id)

    def _deliver(self, bundle_id: str) -> None:
        staged = self._staged[bundle_id]
        while staged:

            def publish() -> None:
                file, content = staged.pop(0)
                self._invariants.published(file.key, file.version_id, content)

            self.call("disk.publish", staged[0][0].key, publish)
        self._advance(bundle_id, State.DELIVERED)

    def _remove(self, bundle_id: str) -> None:
        self.call("mailbox.delete", short(bundle_id), lambda: self._mailbox.pop(bundle_id, None))
        self._advance(bundle_id, State.REMOVED)

    def _advance(self, bundle_id: str, state: State) -> None:
        name = "ledger.delivered" if state is State.DELIVERED else "ledger.removed"
        self.call(name, short(bundle_id), lambda: self._ledger.__setitem__(bundle_id, state))


def _unpack(bundle_id: str, stored: Stored) -> list[tuple[ManifestFile, bytes]]:
    """Verify a bundle as the consumer does, and return its files."""
    if hashlib.sha256(stored.body).hexdigest() != stored.sha256:
        raise Violation(Harm.DAMAGED, f"the consumer got {short(bundle_id)} with another hash than its metadata's")
    with tarfile.open(fileobj=io.BytesIO(stored.body)) as tar:
        members = {member.name: tar.extractfile(member) for member in tar}
        contents = {name: stream.read() for name, stream in members.items() if stream is not None}
    return [(file, contents[file.member]) for file in Manifest.parse(contents[MEMBER]).files]
