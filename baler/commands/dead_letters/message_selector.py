"""Which messages an operator means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.aws.queue_scan import QueueScan
    from baler.commands.dead_letters.diagnosis import Diagnosis, MessageDiagnosis
    from baler.commands.dead_letters.inspector import Inspector


class MessageSelector:
    """All messages, unless `ids` or `diagnoses` says otherwise.

    Args:
        ids: message ids, or their beginnings.
        diagnoses: those that a message may have.

    Attributes:
        met: the ids of the messages that were met, by the name that the operator gave them.
    """

    def __init__(self, ids: Sequence[str] = (), diagnoses: Collection[Diagnosis] = ()) -> None:
        self._diagnoses = frozenset(diagnoses)
        self.met: dict[str, set[str]] = {name: set() for name in ids}

    @property
    def missing(self) -> list[str]:
        """The names that no message has had so far."""
        return [name for name, ids in self.met.items() if not ids]

    @property
    def ambiguous(self) -> list[str]:
        """The names that several messages have."""
        return [name for name, ids in self.met.items() if len(ids) > 1]

    def letters(self, scan: QueueScan, inspector: Inspector) -> Iterator[ReceivedDeadLetter]:
        """Yield those meant; inspects messages only where that decides, and ends when each that is named was met."""
        if self._diagnoses:
            yield from (letter for letter, _ in self.diagnosed(scan, inspector))
            return
        for letters in scan.batches():
            yield from self._named(letters)
            if self.met and not self.missing:
                return

    def diagnosed(self, scan: QueueScan, inspector: Inspector) -> Iterator[tuple[ReceivedDeadLetter, MessageDiagnosis]]:
        """Yield those meant of the whole queue, each with its diagnosis."""
        for letters in scan.batches():
            for letter, diagnosed in inspector.diagnose_all(self._named(letters)):
                if not self._diagnoses or diagnosed.diagnosis in self._diagnoses:
                    yield letter, diagnosed

    def _named(self, letters: Sequence[ReceivedDeadLetter]) -> list[ReceivedDeadLetter]:
        if not self.met:
            return list(letters)
        named: list[ReceivedDeadLetter] = []
        for letter in letters:
            names = [name for name in self.met if letter.message_id.startswith(name)]
            for name in names:
                self.met[name].add(letter.message_id)
            if names:
                named.append(letter)
        return named
