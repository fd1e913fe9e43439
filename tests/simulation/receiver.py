"""Models of receivers: one that does as the shipped NiFi flow does, in all its moods, and one that notes too early."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from simulation.push import ERRATIC, Curse, Mood, Spell
from simulation.workload import START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.files.courier.delivery_record import DeliveryId
    from simulation.delivery_invariants import DeliveryInvariants
    from simulation.push import Push
    from simulation.world import World

# A flow that takes so long answers a client that is gone, and keeps the bundle all the same.
_LATE_SECONDS: Final = 70.0
_SLOW_SECONDS: Final = 20.0
_PROMPT_SECONDS: Final = 0.05


class Reply(NamedTuple):
    """What comes back.

    Attributes:
        status: of HTTP; 0 where the connection is refused, None where nothing comes.
        seconds: until it comes.
        retry_after: what it asks for, in seconds; 0 where it asks for nothing.
    """

    status: int | None
    seconds: float = _PROMPT_SECONDS
    retry_after: float = 0.0


_REFUSES_CONNECTIONS: Final = Reply(0, 0.0)
_NO_REPLY: Final = Reply(None)
_REPLIES_TO_CURSES: Final = {
    Curse.REFUSED: Reply(413),
    Curse.REFUSED_FOR_EVER: Reply(413),
    Curse.BREAKS: Reply(500),
    Curse.STALLS: _NO_REPLY,
    Curse.FORBIDDEN: Reply(403),
    Curse.NOT_FOUND: Reply(404),
}


class ReceiverModel:
    """Checks the hash, looks whether it has noted the delivery, keeps the bundle, notes the delivery, and answers.

    Attributes:
        kept: the bodies that it has, by the name of the delivery.
        noted: the deliveries that it will call duplicates.
        is_away: its last mood lasts, until somebody mends it.
    """

    def __init__(self, push: Push, curses: Mapping[str, Curse], world: World, invariants: DeliveryInvariants) -> None:
        self.kept: dict[str, bytes] = {}
        self.noted: set[str] = set()
        self._spells = push.spells
        self._curses = curses
        self._world = world
        self._invariants = invariants
        self._mended_at: float | None = None
        self._lifted_at: float | None = None
        self._requests = 0

    def mend(self) -> None:
        """Let it be well from now on."""
        self._mended_at = self._world.now

    def lift(self) -> None:
        """Let it take the bundles that it refused, but for those that it refuses for ever."""
        self._lifted_at = self._world.now

    @property
    def well_since(self) -> float | None:
        """Since when it takes bundles and will always do; None while it does not, or will not."""
        last = self._spells[-1]
        well = START + last.after if self._mended_at is None else self._mended_at
        if well > self._world.now or (self._mended_at is None and last.mood is not Mood.WELL):
            return None
        return well if self._lifted_at is None else max(well, self._lifted_at)

    @property
    def is_away_for_good(self) -> bool:
        """Whether it will not be well unless it is mended."""
        return self._mended_at is None and self._spells[-1].mood is not Mood.WELL

    def post(self, delivery: DeliveryId, sha256: str, body: bytes) -> Reply:
        """Take one request."""
        self._requests += 1
        spell = self._spell()
        reply = self._reply_of_mood(spell) or _REPLIES_TO_CURSES.get(self.curse(delivery.bundle_id))
        return reply or self._process(delivery, sha256, body, spell)

    def curse(self, bundle_id: str) -> Curse:
        """What is still the matter with a bundle."""
        curse = self._curses.get(bundle_id, Curse.NONE)
        return Curse.NONE if curse is Curse.REFUSED and self._lifted_at is not None else curse

    def _spell(self) -> Spell:
        if self._mended_at is not None:
            return Spell(0.0, Mood.WELL, 200)
        passed = self._world.now - START
        begun = [spell for spell in self._spells if spell.after <= passed]
        return begun[-1] if begun else self._spells[0]

    def _reply_of_mood(self, spell: Spell) -> Reply | None:
        """Answer whatever was sent; None in a mood to look at it."""
        match spell.mood:
            case Mood.DOWN:
                return _REFUSES_CONNECTIONS
            case Mood.SILENT:
                return _NO_REPLY
            case Mood.BUSY | Mood.THROTTLING | Mood.FAILING | Mood.REFUSING | Mood.MISPLACED | Mood.LOCKED:
                return Reply(spell.status, retry_after=spell.retry_after)
            case Mood.ERRATIC:
                status = ERRATIC[self._requests % len(ERRATIC)]
                return None if status == 200 else Reply(status or None)
            case _:
                return None

    def _process(self, delivery: DeliveryId, sha256: str, body: bytes, spell: Spell) -> Reply:
        if hashlib.sha256(body).hexdigest() != sha256:
            return Reply(422)
        if delivery.name in self.noted:
            return self._acknowledge(delivery, spell)
        return self._take(delivery, body, spell)

    def _take(self, delivery: DeliveryId, body: bytes, spell: Spell) -> Reply:
        if spell.mood is Mood.FULL:
            return Reply(500)
        if spell.mood is Mood.LATE:
            self._world.later(_LATE_SECONDS, "receiver", "keeps", "", lambda: self._keep_and_note(delivery, body))
            return _NO_REPLY
        self._keep(delivery, body)
        if spell.mood is Mood.DYING:
            return _NO_REPLY
        self.noted.add(delivery.name)
        return self._acknowledge(delivery, spell)

    def _keep_and_note(self, delivery: DeliveryId, body: bytes) -> None:
        self._keep(delivery, body)
        self.noted.add(delivery.name)

    def _keep(self, delivery: DeliveryId, body: bytes) -> None:
        self._invariants.before_keeping(delivery, body)
        self.kept[delivery.name] = body

    def _acknowledge(self, delivery: DeliveryId, spell: Spell) -> Reply:
        if spell.mood is Mood.DEAF:
            return _NO_REPLY
        self._invariants.acknowledged(delivery)
        status = spell.status if 200 <= spell.status < 300 else 200
        return Reply(status, _SLOW_SECONDS if spell.mood is Mood.SLOW else _PROMPT_SECONDS)


class NotesBeforeItKeeps(ReceiverModel):
    """Notes a delivery when it looks for it: what fails after that is a duplicate when it comes again."""

    def _take(self, delivery: DeliveryId, body: bytes, spell: Spell) -> Reply:
        self.noted.add(delivery.name)
        return super()._take(delivery, body, spell)
