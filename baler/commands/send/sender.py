"""Sends what is in a folder and was not sent, each file once.

The order of durable steps, from which everything follows: (1) the ledger notes a file and its hash as `begun`; (2) the
put, on the condition that the key has no object (`If-None-Match: *`); (3) the ledger notes it as `sent`. Wherever it
dies, a file that is not `sent` is put again, so none is lost; and a put that had been stored is answered 412, which
for a file that was `begun` before means that it is there, so none is there twice. A 412 to the very first try of a file
that was never begun means that the key is somebody else's: that is reported, and nothing of it is noted.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from baler.commands.send.folder import UnsendableFile, files_of
from baler.commands.send.landing import PutResult, PutState
from baler.commands.send.report import changed, failed, sent, taken, unsendable
from baler.commands.send.sent_ledger import SendState
from baler.files.archive.parallel import concurrently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from baler.cli.report import Event
    from baler.commands.send.folder import LocalFile
    from baler.commands.send.landing import Landing
    from baler.commands.send.pace import Pace
    from baler.commands.send.sent_ledger import SentLedger

# Noted in one transaction before their puts and in one after them: two syncs of the disk for so many files.
_BATCH: Final = 64
# How often a put is tried in a run; what is not answered by then is for the next run.
_TRIES: Final = 5


@dataclass(slots=True)
class SendTotals:
    """What a pass did.

    Attributes:
        sent, bytes: files that are in the bucket by this pass, and their bytes.
        known: files that had been sent before.
        young: files that were written a moment ago and were left for the next pass.
        changed, taken, unsendable, failed: files that were not sent, and why.
    """

    sent: int = 0
    bytes: int = 0
    known: int = 0
    young: int = 0
    changed: int = 0
    taken: int = 0
    unsendable: int = 0
    failed: int = 0


class Attempt(StrEnum):
    """What is known before a put."""

    FIRST = "first"  # nothing under this key was ever begun
    AGAIN = "again"  # an earlier put of the same bytes may be stored
    OTHER = "other"  # an earlier put of other bytes may be stored
    REPLACING = "replacing"  # a new version is to be made


@dataclass(frozen=True, slots=True)
class DueFile:
    """A file to send, its hash, and what is known of it."""

    file: LocalFile
    sha256: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a file's put: as a PutState, where STORED may have been by an earlier try."""

    due: DueFile
    state: PutState
    version_id: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the files of a folder.

    Attributes:
        folder: where they are.
        prefix: what their keys begin with.
        landing: where they go.
        ledger: what was sent.
        pace: how fast.
        interruption_point: called often; may raise to abandon the work.
        report: gets events.
        settled_seconds: a file that was written within these is not touched yet.
        resend_changed: a file that was changed since it was sent is sent as a new version.
        adopt: a key that is taken counts as sent: for a ledger that was lost.
        wait: between tries of one file, seconds.
    """

    folder: Path
    prefix: str
    landing: Landing
    ledger: SentLedger
    pace: Pace
    interruption_point: Callable[[], None]
    report: Callable[[Event], None]
    settled_seconds: float = 2.0
    resend_changed: bool = False
    adopt: bool = False
    wait: Callable[[float], object] = field(default=time.sleep)

    def send(self) -> SendTotals:
        """Make one pass over the folder.

        Raises:
            LandingError: the bucket refuses us.
            SentLedgerError, OSError: the ledger, or the folder, cannot be used.
        """
        totals = SendTotals()
        due = self.due(totals)
        while batch := list(islice(due, _BATCH)):
            self._send(batch, totals)
        return totals

    def due(self, totals: SendTotals) -> Iterator[DueFile]:
        """Yield what is to be sent, and count what is not."""
        now = time.time_ns()
        for file in files_of(self.folder, self.prefix):
            self.interruption_point()
            if isinstance(file, UnsendableFile):
                totals.unsendable += 1
                self.report(unsendable(file))
            elif file.is_young(now, int(self.settled_seconds * 1e9)):
                totals.young += 1
            else:
                yield from self._if_due(file, totals)

    def _if_due(self, file: LocalFile, totals: SendTotals) -> Iterator[DueFile]:
        known = self.ledger.file(file.key)
        as_noted = known is not None and (known.size, known.mtime_ns) == (file.size, file.mtime_ns)
        if known is not None and known.state is SendState.SENT and as_noted:
            totals.known += 1
            return
        try:
            sha256 = file.sha256()
        except FileNotFoundError:
            return  # it was taken away
        if not file.is_as_found():
            totals.young += 1
        elif known is None:
            yield DueFile(file, sha256, Attempt.FIRST)
        elif known.state is SendState.SENT and known.sha256 == sha256:
            self.ledger.touch(file)
            totals.known += 1
        elif known.state is SendState.REPLACING or (known.sha256 != sha256 and self.resend_changed):
            yield DueFile(file, sha256, Attempt.REPLACING)
        elif known.state is SendState.BEGUN:
            yield DueFile(file, sha256, Attempt.AGAIN if known.sha256 == sha256 else Attempt.OTHER)
        else:
            totals.changed += 1
            self.report(changed(file))

    def _send(self, due: Sequence[DueFile], totals: SendTotals) -> None:
        # Of one with other bytes than before, the note stays as it is until it is known what is in the bucket.
        self.ledger.begin((each.file, each.sha256, _STATES[each.attempt]) for each in due if each.attempt in _STATES)
        answers: list[Answer] = []
        try:
            for answer in concurrently(self._put, due):
                answers.append(answer)
                self._count(answer, totals)
                self.interruption_point()
        finally:
            self._note(answers)

    def _note(self, answers: Sequence[Answer]) -> None:
        other = [answer for answer in answers if answer.due.attempt is Attempt.OTHER]
        rest = [answer for answer in answers if answer.due.attempt is not Attempt.OTHER]
        self.ledger.end(
            [
                *((each.due.file.key, each.version_id) for each in rest if each.state is PutState.STORED),
                # What was begun before, with other bytes, is what is there.
                *((each.due.file.key, None) for each in other if each.state is PutState.TAKEN),
            ],
            [each.due.file.key for each in rest if each.state in {PutState.TAKEN, PutState.CHANGED}],
            [(each.due.file, each.due.sha256) for each in other if each.state is PutState.STORED],
        )

    def _count(self, answer: Answer, totals: SendTotals) -> None:
        file = answer.due.file
        if answer.state is PutState.STORED:
            totals.sent += 1
            totals.bytes += file.size
            self.report(sent(file, answer.due.sha256, answer.version_id))
        elif answer.state is PutState.UNKNOWN:
            totals.failed += 1
            self.report(failed(file, answer.about))
        elif answer.state is PutState.CHANGED:
            totals.young += 1
        elif answer.due.attempt is Attempt.OTHER:
            totals.changed += 1
            self.report(changed(file))
        else:
            totals.taken += 1
            self.report(taken(file))

    def _put(self, due: DueFile) -> Answer:
        """Put one file, until it is known what became of it or the tries are used up."""
        may_be_there = due.attempt is Attempt.AGAIN or self.adopt
        about = ""
        for number in range(_TRIES):
            if number:
                self.wait(random.uniform(0.5, 1) * 2.0 ** (number - 1))  # noqa: S311 - spreads load, guards nothing
            self.pace.wait()
            try:
                replace = due.attempt is Attempt.REPLACING
                result = self.landing.put(due.file.key, due.file.path, due.sha256, replace=replace)
            except FileNotFoundError:
                result = PutResult(PutState.CHANGED)
            if result.state is PutState.TAKEN and may_be_there and due.attempt is not Attempt.OTHER:
                return Answer(due, PutState.STORED)
            if result.state is PutState.CHANGED and (may_be_there or due.attempt is Attempt.OTHER):
                return Answer(due, PutState.UNKNOWN, about="it was written or taken away while it was sent")
            if result.state is not PutState.UNKNOWN:
                return Answer(due, result.state, result.version_id)
            may_be_there, about = True, result.about
        return Answer(due, PutState.UNKNOWN, about=about)


# What is noted before a put.
_STATES: Final = {
    Attempt.FIRST: SendState.BEGUN,
    Attempt.AGAIN: SendState.BEGUN,
    Attempt.REPLACING: SendState.REPLACING,
}
