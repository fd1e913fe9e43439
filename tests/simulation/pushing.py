"""What the couriers of one schedule share: the mailbox, the table, the receiver, and what invokes them."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.stores import Stored

from baler.files.bundle.ids import ENTROPY_BYTES, new_bundle_id
from simulation.courier import CourierActor, Doorbell
from simulation.courier_stores import MemoryCourierTable
from simulation.delivery_invariants import DeliveryInvariants
from simulation.invariants import short
from simulation.push import FIRST_NUMBER, Curse, Parcelled
from simulation.workload import START

if TYPE_CHECKING:
    from simulation.actor import Actor
    from simulation.courier_stores import Postbox
    from simulation.push import Push
    from simulation.situation import Design
    from simulation.stores import Memory
    from simulation.world import World


class Pushing:
    """One schedule's deliveries.

    Attributes:
        push: what it is about.
        design: what is simulated.
        world, invariants: of the schedule.
        postbox: the mailbox.
        table: the courier's.
        receiver: who gets the bundles.
        doorbell: what invokes couriers.
        couriers: the actors.
    """

    def __init__(self, push: Push, design: Design, memory: Memory, postbox: Postbox, world: World) -> None:
        self.push = push
        self.design = design
        self.world = world
        self._memory = memory
        self._owners = itertools.count(1)
        curses = {_bundle_id(parcel): parcel.curse for parcel in push.parcels}
        self.invariants = DeliveryInvariants(push, curses, memory.archive.objects, world)
        self.postbox = postbox
        self.table = MemoryCourierTable()
        self.receiver = design.receiver(push, curses, world, self.invariants)
        self.invariants.postbox = self.postbox
        self.invariants.table = self.table
        self.invariants.receiver = self.receiver
        self.doorbell = Doorbell(self)
        self.couriers = [CourierActor(f"courier-{number}", self) for number in range(1, push.couriers + 1)]
        postbox.on_put = self._on_put

    @property
    def actors(self) -> list[Actor]:
        """All that run: each courier, and its threads."""
        return [*self.couriers, *(thread for courier in self.couriers for thread in courier.threads)]

    def mail(self) -> None:
        """Let the parcels be mailed, each in its time."""
        for parcel in self.push.parcels:
            self.world.at(START + parcel.after, lambda parcel=parcel: self._mail(parcel))
            if parcel.replayed_after is not None:
                due = START + parcel.after + parcel.replayed_after
                self.world.at(due, lambda parcel=parcel: self._replay(parcel))

    def mail_a_good_one(self) -> None:
        """Mail a bundle that nothing is the matter with."""
        number, now = len(self.push.parcels), self.world.now
        self._mail(Parcelled(number, now - START, Curse.NONE, None))

    def new_owner(self) -> str:
        """A name that no other holder of the lease has."""
        return f"owner {next(self._owners)}"

    def _mail(self, parcel: Parcelled) -> None:
        bundle_id = _bundle_id(parcel)
        body = b"bundle %d" % parcel.number
        stored = Stored(body, hashlib.sha256(body).hexdigest(), ())
        self.world.note("parcels", "mailed", f"{short(bundle_id)} {parcel.curse.value}")
        self._memory.archive.objects[bundle_id] = stored
        self._memory.invariants.after_archive_write()
        if parcel.curse is Curse.WRONG_HASH:
            self._memory.invariants.tampered.add(bundle_id)
            stored = replace(stored, body=b"other")
        self.postbox[bundle_id] = stored
        self._memory.invariants.after_mailbox_write()

    def _replay(self, parcel: Parcelled) -> None:
        bundle_id = _bundle_id(parcel)
        stored = self._memory.archive.bundles[bundle_id]
        self.world.note("operator", "replays", short(bundle_id))
        self.postbox.replay(bundle_id, stored, f"replay {parcel.number}")

    def _on_put(self, bundle_id: str) -> None:
        self.invariants.mailed(self.postbox.delivery(bundle_id))
        self.doorbell.ring()


def _bundle_id(parcel: Parcelled) -> str:
    number = FIRST_NUMBER + parcel.number
    return new_bundle_id(START + parcel.after, number.to_bytes(ENTROPY_BYTES, "big"))
