"""Announces files again, and never fills the ingest queue above a limit: what waits there cannot be told from lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.files.reconciliation.announcement import announcement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.files.landed_file import LandedFile
    from baler.files.reconciliation.judgement import Judgement
    from baler.files.reconciliation.ports import IngestQueue


class QueueFullError(Exception):
    """More would have to be sent than the queue should hold; what there was room for was sent."""


class Announcer:
    """Announces the files of one run.

    Args:
        queue: where files are announced.
        queue_max: messages in the queue, with those that this run adds, above which it adds none.
        on_send: called with each file right before it is announced, with why.

    Attributes:
        sent: files that were announced, those included whose message SQS did not acknowledge.
    """

    def __init__(self, queue: IngestQueue, queue_max: int, on_send: Callable[[LandedFile, Judgement], None]) -> None:
        self.sent = 0
        self._queue = queue
        self._queue_max = queue_max
        self._on_send = on_send
        self._room: int | None = None

    def announce(self, judged: Sequence[tuple[LandedFile, Judgement]]) -> None:
        """Announce files.

        Raises:
            QueueFullError: not all of them.
            Unavailable: SQS did not answer.
        """
        if not judged:
            return
        if self._room is None:
            # Once a run, since SQS's counts lag behind by up to a minute: what we add we count ourselves.
            self._room = max(0, self._queue_max - self._queue.depth())
        fitting = judged[: self._room]
        for file, judgement in fitting:
            self._on_send(file, judgement)
        self._room -= len(fitting)
        self.sent += len(fitting)
        if fitting:
            self._queue.send([announcement(file) for file, _ in fitting])
        if len(fitting) < len(judged):
            raise QueueFullError
