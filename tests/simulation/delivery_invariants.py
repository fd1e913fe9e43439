"""What must hold of pushed deliveries, at the moment that each can be broken, and at the end."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.files.courier.answer import Meaning
from baler.files.courier.breaker import RETRY_AFTER_MAX_SECONDS, Breaker, Cause, Phase
from simulation.invariants import Harm, Violation, about, short
from simulation.push import SEND_SECONDS, TICK_SECONDS, Curse
from simulation.workload import START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.stores import Stored

    from baler.files.courier.answer import Answer
    from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
    from baler.files.courier.lease import Lease
    from simulation.courier_stores import MemoryCourierTable, Postbox
    from simulation.push import Push
    from simulation.receiver import ReceiverModel
    from simulation.world import World

# A run takes some calls before it sends, and one after it.
_SOME_CALLS: Final = 5.0
# What a fault may cost beside its own length: a lease that runs out, and a send that times out.
_AFTERMATH: Final = 60.0
_EARLY: Final = 1e-6
# How long it is simulated that nothing more can happen.
_HOPELESS_SECONDS: Final = 200.0
# How often one bundle alone may open the breaker: it may be sent beside the one that passes, or beside a real outage.
_OPENED_BY_ONE: Final = 3


@dataclass
class CourierProcess:
    """What is known of one process.

    Attributes:
        name: in reports.
        is_dead: it died, and all of its threads.
        generation: of the last lease that it was given.
        breaker: as it last read or stored it.
        proved_at: when it last proved its lease, seconds since the epoch.
        disturbed_at: when something last went wrong with it, seconds since the epoch.
        probe_at: when it began to store that a probe is out, seconds since the epoch; None when it has sent that probe.
        asked_until: when the pause ends that the receiver asked for since the state was stored.
        last: what the last answer meant.
        suspect: the id of the bundle that it was about, where others were accepted after it was answered so before.
        sending: sends that are out.
    """

    name: str
    is_dead: bool = False
    generation: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    proved_at: float = -math.inf
    disturbed_at: float = -math.inf
    probe_at: float | None = None
    asked_until: float = -math.inf
    last: Meaning = Meaning.ACCEPTED
    suspect: str = ""
    sending: int = 0


class DeliveryInvariants:
    """Watches the pushed deliveries of one schedule. Its stores are set once they are made."""

    postbox: Postbox
    table: MemoryCourierTable
    receiver: ReceiverModel

    def __init__(
        self, push: Push, curses: Mapping[str, Curse], archive: Mapping[str, Stored | None], world: World
    ) -> None:
        self._push = push
        self._curses = curses
        self._archive = archive
        self._world = world
        self._mailed: set[str] = set()
        self._acknowledged: set[str] = set()
        self._taken_at = 0.0
        # Since the last acceptance, or since something may have kept a courier from storing it.
        self._failures = 0
        self._refused: set[str] = set()
        # Since the last acceptance, whatever was stored.
        self._refused_in_a_row: set[str] = set()
        self._set_aside: set[str] = set()
        self._refusals: Counter[str] = Counter()
        # Bundles that were answered what is said of all; and those of them after which another was accepted.
        self._accused: set[str] = set()
        self._suspects: set[str] = set()
        self._opened_by: Counter[str] = Counter()
        self._probed_at = -math.inf
        self._not_before = -math.inf
        self._asked_until = -math.inf
        self._takes_none = False
        self._notes_are_late = False
        self._opened_at = START
        self._closed_at = START
        self._disturbed_until = START
        self._mailed_at = START

    def mailed(self, delivery: DeliveryId) -> None:
        """A bundle was put into the mailbox."""
        self._mailed.add(delivery.name)
        self._mailed_at = self._world.now

    def late(self, name: str) -> None:
        """A call may take effect when it should not any more: then the count of refusals may be an old one."""
        self._notes_are_late = self._notes_are_late or name == "courier.note"

    def disturbed(self, process: CourierProcess, seconds: float) -> None:
        """Something went wrong in a process: what it knows may never be stored."""
        process.disturbed_at = self._world.now
        self._disturbed_until = max(self._disturbed_until, self._world.now + seconds + _AFTERMATH)
        self._failures = 0
        self._refused.clear()
        self._opened_by.clear()
        self._takes_none = False

    def taken(self, process: CourierProcess, lease: Lease) -> None:
        """A courier took the lease."""
        process.generation, process.breaker = lease.generation, lease.breaker
        process.proved_at, process.probe_at, process.last = self._world.now, None, Meaning.ACCEPTED
        process.asked_until = -math.inf

    def took_over(self, *, released: bool) -> None:
        """The lease went to another holder; where it was not given back, what the last one knew may not be stored."""
        self._taken_at = self._world.now
        if not released:
            self._failures = 0
            self._refused.clear()

    def proved(self, process: CourierProcess) -> None:
        """A courier proved its lease."""
        process.proved_at = self._world.now

    def before_saving(self, lease: Lease) -> None:
        """A late answer from an earlier age decides nothing."""
        if lease.generation != self.table.generation:
            raise Violation(Harm.MISJUDGED, f"generation {lease.generation} stored a state under another's lease")

    def saved(self, process: CourierProcess, breaker: Breaker, began_at: float) -> None:
        """It closes soon. The courier asked for it at `began_at`."""
        now, before = self._world.now, process.breaker
        process.breaker, process.proved_at = breaker, now
        process.probe_at = began_at if breaker.phase is Phase.HALF_OPEN else None
        self._not_before = -math.inf if breaker.closed else max(self._not_before, process.asked_until)
        process.asked_until = -math.inf
        if before.closed and not breaker.closed:
            self._opened_at = now
            if breaker.cause is Cause.CREDENTIALS:
                self._check_opened_by(process.suspect)
        if not breaker.closed and process.last in {Meaning.UNAUTHORIZED, Meaning.MISPLACED}:
            self._takes_none = True
        if breaker.closed and not before.closed:
            if self._takes_none:
                raise Violation(Harm.MISJUDGED, "the breaker closes without an acceptance")
            self._closed_at = now
            self._check_open(f"it closed {now - self._calm_since():.0f} s after all was well")

    def begin_send(self, process: CourierProcess, delivery: DeliveryId) -> None:
        """A courier sends only under its lease and at its pace."""
        held_up = process.disturbed_at >= process.proved_at
        if process.generation != self.table.generation and (self._taken_at <= process.proved_at or not held_up):
            raise Violation(Harm.FLOODED, f"{process.name} sends {about(delivery)} under a lease that is another's")
        process.sending += 1
        if process.sending > self._push.parallel_sends:
            raise Violation(Harm.FLOODED, f"{process.name} has {process.sending} sends out")
        if process.breaker.closed:
            self._check_opened(process, delivery)
        else:
            self._begin_probe(process, delivery)

    def _begin_probe(self, process: CourierProcess, delivery: DeliveryId) -> None:
        """While the breaker is open, at most one probe an interval, and none before the receiver wants one."""
        probe_at, process.probe_at = process.probe_at, None
        if probe_at is None:
            raise Violation(Harm.FLOODED, f"{process.name} sends {about(delivery)} while the breaker is open")
        if probe_at < self._probed_at + self._push.probe_interval - _EARLY:
            raise Violation(Harm.FLOODED, f"two probes in {probe_at - self._probed_at:.1f} s")
        if probe_at < self._not_before - _EARLY:
            raise Violation(Harm.FLOODED, f"a probe {self._not_before - probe_at:.1f} s before the receiver wants one")
        self._probed_at = probe_at

    def answered(self, process: CourierProcess, delivery: DeliveryId, answer: Answer) -> None:
        """A courier learns what became of a send."""
        if process.generation != self.table.generation:
            return
        if answer.retry_after_seconds:
            pause = min(answer.retry_after_seconds, RETRY_AFTER_MAX_SECONDS)
            process.asked_until = max(process.asked_until, self._world.now + pause)
            self._asked_until = max(self._asked_until, process.asked_until)
        meaning = process.last = self._meaning(delivery, answer)
        process.suspect = delivery.bundle_id if meaning is not answer.meaning else ""
        match meaning:
            case Meaning.ACCEPTED:
                self._suspects |= self._accused
                self._suspects.discard(delivery.bundle_id)
                self._accused.clear()
                self._takes_none = False
                self._failures = 0
                self._refused.clear()
                self._refused_in_a_row.clear()
                self._set_aside.clear()
            case Meaning.REFUSED:
                self._failures = 0
                if answer.meaning is meaning:
                    # Else a courier that never learned who was accused may count it as a failure.
                    self._refused.add(delivery.bundle_id)
                self._refused_in_a_row.add(delivery.bundle_id)
                self._refusals[delivery.name] += 1
            case Meaning.BUSY if process.sending:
                pass  # of those that are sent beside each other one counts: the pace is slowed down first
            case _:
                self._failures += 1

    def _meaning(self, delivery: DeliveryId, answer: Answer) -> Meaning:
        """What is said of all, and was said of a bundle before while others passed, is a refusal of that bundle."""
        if answer.meaning not in {Meaning.UNAUTHORIZED, Meaning.MISPLACED}:
            return answer.meaning
        self._accused.add(delivery.bundle_id)
        if delivery.bundle_id not in self._suspects:
            return answer.meaning
        self._suspects.discard(delivery.bundle_id)
        return Meaning.REFUSED

    def before_keeping(self, delivery: DeliveryId, body: bytes) -> None:
        """The receiver keeps what was archived, once for each time that it was mailed."""
        if delivery.name not in self._mailed:
            raise Violation(Harm.DUPLICATED, f"{about(delivery)} was never mailed under that id, and is kept")
        stored = self._archive[delivery.bundle_id]
        assert stored is not None, "a fence is never mailed"
        if stored.body != body:
            raise Violation(Harm.DAMAGED, f"the receiver keeps {about(delivery)} with other bytes")

    def acknowledged(self, delivery: DeliveryId) -> None:
        """The receiver says that it has a bundle."""
        self._acknowledged.add(delivery.name)

    def before_note(self, record: DeliveryRecord) -> None:
        """A receipt is the receiver's word."""
        delivery = record.delivery
        if not record.is_receipt:
            return
        if delivery.name not in self._acknowledged:
            raise Violation(Harm.LOST, f"{about(delivery)} has a receipt, and was never acknowledged")
        stored = self._archive[delivery.bundle_id]
        if stored is None or stored.sha256 != record.sha256:
            raise Violation(Harm.DAMAGED, f"the receipt of {about(delivery)} has another hash")

    def before_removal(self, delivery: DeliveryId) -> None:
        """Nothing is removed before its receipt, or before it is set aside, and what has a receipt is kept."""
        aside = self.postbox.quarantine.get(delivery.bundle_id)
        if aside is not None and aside[1].replay_id == delivery.replay_id:
            return
        record = self.table.records.get(delivery.name)
        if record is None or not record.is_receipt:
            raise Violation(Harm.LOST, f"{about(delivery)} is removed before its receipt")
        if delivery.name not in self.receiver.kept:
            raise Violation(Harm.LOST, f"{about(delivery)} is removed, and the receiver has not kept it")

    def before_setting_aside(self, delivery: DeliveryId, reason: str) -> None:
        """Only what is refused for its own sake is set aside, and what can never be sent."""
        if not reason:
            raise Violation(Harm.MISJUDGED, f"{about(delivery)} is set aside without a reason")
        if self._curses.get(delivery.bundle_id, Curse.NONE).is_damage:
            return
        breaker = self.table.breaker
        if not breaker.closed:
            raise Violation(Harm.MISJUDGED, f"{about(delivery)} is set aside while the breaker is open")
        refusals = self._refusals.pop(delivery.name, 0)
        if not self._notes_are_late and refusals < self._push.refusal_tries:
            raise Violation(Harm.MISJUDGED, f"{about(delivery)} is set aside after {refusals} refusals")
        if delivery.bundle_id in self._refused_in_a_row:
            self._set_aside.add(delivery.bundle_id)
        if len(self._set_aside) >= self._push.failures_to_open:
            raise Violation(Harm.MISJUDGED, f"{len(self._set_aside)} bundles are set aside without an acceptance")

    @property
    def expects_more(self) -> bool:
        """Whether a bundle waits that may yet be taken: the rule need not be simulated without one."""
        if all(self._curse(bundle_id).is_stubborn or self._curse(bundle_id).is_blocked for bundle_id in self.postbox):
            return False
        settled = self._disturbed_until if self.receiver.is_away_for_good else self._calm_since()
        is_hopeless = self.receiver.is_away_for_good or all(self._may_stay(bundle_id) for bundle_id in self.postbox)
        most = _HOPELESS_SECONDS if is_hopeless else max(self._limit(bundle_id) for bundle_id in self.postbox)
        return self._world.now < max(settled, self._mailed_at, self._closed_at) + most

    def look(self) -> None:
        """While all goes well, the breaker is closed within a minute, and what waits is delivered soon."""
        if self.receiver.well_since is None:
            return
        if not self.table.breaker.closed:
            self._check_open("it is still open")
        for bundle_id, envelope in self.postbox.envelopes.items():
            if bundle_id not in self.postbox or self._may_stay(bundle_id):
                continue
            waited = self._world.now - max(self._calm_since(), self._closed_at, envelope.put_at)
            if waited > self._limit(bundle_id):
                raise Violation(Harm.STUCK, f"{short(bundle_id)} waits {waited:.0f} s although all is well")

    def at_the_end(self) -> None:
        """Every bundle is kept, set aside with its reason, or waits for a receiver that has not come back."""
        if self.receiver.well_since is not None:
            for bundle_id in self.postbox:
                if not self._may_stay(bundle_id):
                    raise Violation(Harm.LOST, f"{short(bundle_id)} is left in the mailbox")
        for name, record in self.table.records.items():
            if record.is_receipt and name not in self.receiver.kept:
                raise Violation(Harm.LOST, f"{about(record.delivery)} has a receipt, and was never kept")

    def reaches_the_receiver(self, bundle_id: str) -> bool:
        """Whether a bundle is with the receiver, set aside, or still waits."""
        kept = any(name.startswith(f"{bundle_id}#") for name in self.receiver.kept)
        return kept or bundle_id in self.postbox or bundle_id in self.postbox.quarantine

    def _curse(self, bundle_id: str) -> Curse:
        return self.receiver.curse(bundle_id)

    def _may_stay(self, bundle_id: str) -> bool:
        """Whether nobody can tell what is the matter with a bundle: others must pass before it can be set aside."""
        curse = self._curse(bundle_id)
        return curse.is_stubborn or curse.is_blocked or (curse.is_refused and not self.table.breaker.closed)

    def _calm_since(self) -> float:
        """Since when nothing goes wrong; infinity while the receiver is not well."""
        well = self.receiver.well_since
        return max(math.inf if well is None else well, self._disturbed_until, self._asked_until)

    def _check_open(self, what: str) -> None:
        """A breaker closes within a minute of the receiver's return; each bundle of no use as a probe costs more."""
        waiting = [self.postbox.envelopes[each].put_at for each in self.postbox if self._is_good_probe(each)]
        calm = max(self._calm_since(), self._opened_at, min(waiting, default=math.inf))
        if self._world.now > calm + TICK_SECONDS + _SOME_CALLS + self._useless_probes():
            raise Violation(Harm.STUCK, f"the breaker: {what}, {self._world.now - calm:.0f} s")

    def _is_good_probe(self, bundle_id: str) -> bool:
        return self._curse(bundle_id) is Curse.NONE and self._has_no_receipt(bundle_id)

    def _has_no_receipt(self, bundle_id: str) -> bool:
        record = self.table.records.get(self.postbox.delivery(bundle_id).name)
        return record is None or not record.is_receipt

    def _useless_probes(self) -> float:
        """How long those bundles hold others up that are of no use as probes, in seconds: each once in turn."""
        cursed = sum(curse is not Curse.NONE for curse in self._curses.values())
        return cursed * (TICK_SECONDS + max(self._push.probe_interval, SEND_SECONDS))

    def _check_opened(self, process: CourierProcess, delivery: DeliveryId) -> None:
        """The breaker opens after the failures that the stack allows, beside those that were under way."""
        most = self._push.failures_to_open + self._push.parallel_sends - 1
        if process.generation == self.table.generation and max(self._failures, len(self._refused)) >= most:
            what = f"{self._failures} failures, {len(self._refused)} bundles refused in a row"
            raise Violation(Harm.FLOODED, f"{about(delivery)} is sent after {what}")

    def _check_opened_by(self, suspect: str) -> None:
        """One bundle does not open the breaker again and again while others pass: each would wait for a probe."""
        if not suspect:
            return
        self._opened_by[suspect] += 1
        if self._opened_by[suspect] > _OPENED_BY_ONE:
            raise Violation(Harm.STUCK, f"{short(suspect)} alone opens the breaker again and again")

    def _limit(self, bundle_id: str) -> float:
        """How long a bundle may wait while all is well, in seconds.

        Few that are refused hold up no other for long. What was delivered and could not be removed is another run's.
        """
        useless, most = self._useless_probes(), 2 * TICK_SECONDS + SEND_SECONDS
        curses = [curse for curse in self._curses.values() if curse is not Curse.NONE]
        are_few = len(curses) < self._push.failures_to_open and not any(curse.is_stubborn for curse in curses)
        if self._curse(bundle_id) is Curse.NONE and are_few:
            most += useless
        elif curses:
            most += (self._push.refusal_tries + len(self.postbox)) * useless
        return most if self._has_no_receipt(bundle_id) else most + self._push.timeout
