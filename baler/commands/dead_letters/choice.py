"""Which messages an operator means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from baler.commands.dead_letters.finding import Finding, Look
    from baler.commands.dead_letters.found import Found
    from baler.commands.dead_letters.queue import DeadLetter, Reading


class Choice:
    """All messages, unless `ids` or `found` says otherwise.

    Args:
        ids: message ids, or their beginnings.
        found: what a look must have found.

    Attributes:
        met: the ids of the messages that were met, by the name that the operator gave them.
    """

    def __init__(self, ids: Sequence[str] = (), found: Collection[Found] = ()) -> None:
        self._found = frozenset(found)
        self.met: dict[str, set[str]] = {name: set() for name in ids}

    @property
    def missing(self) -> list[str]:
        """The names that no message has had so far."""
        return [name for name, ids in self.met.items() if not ids]

    @property
    def ambiguous(self) -> list[str]:
        """The names that several messages have."""
        return [name for name, ids in self.met.items() if len(ids) > 1]

    def letters(self, reading: Reading, look: Look) -> Iterator[DeadLetter]:
        """Yield those meant; looks at messages only where that decides, and ends when each that is named was met."""
        if self._found:
            yield from (letter for letter, _ in self.looked_at(reading, look))
            return
        for letters in reading.batches():
            yield from self._named(letters)
            if self.met and not self.missing:
                return

    def looked_at(self, reading: Reading, look: Look) -> Iterator[tuple[DeadLetter, Finding]]:
        """Yield those meant of the whole queue, with what was found about each."""
        for letters in reading.batches():
            for letter, finding in look.over(self._named(letters)):
                if not self._found or finding.found in self._found:
                    yield letter, finding

    def _named(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        if not self.met:
            return list(letters)
        named: list[DeadLetter] = []
        for letter in letters:
            names = [name for name in self.met if letter.message_id.startswith(name)]
            for name in names:
                self.met[name].add(letter.message_id)
            if names:
                named.append(letter)
        return named
