"""One run of `baler replay`: a new replay, one that goes on, or a dry run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from baler.cli.exit_codes import ExitCode
from baler.commands.replay.checkpoint import Checkpoint
from baler.commands.replay.dry_run import dry_run
from baler.commands.replay.outbox import Outbox
from baler.commands.replay.service import Replay
from baler.files.archive.bucket import ArchiveBucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.replay.checkpoint import ReplayRequest
    from baler.commands.replay.selection import Selection


@dataclass(frozen=True, slots=True)
class Session:
    """What every run works with.

    Attributes:
        client: boto3's S3 client.
        shutdown: how it is stopped.
        report: gets every event.
        wait: end when all is done, not when something is awaited.
        poll_seconds: then the time between two passes.
    """

    client: S3Client
    shutdown: Shutdown
    report: Callable[[Event], None]
    wait: bool
    poll_seconds: float

    def begin(self, selection: Selection, request: ReplayRequest) -> ExitCode:
        """Replay what was selected; `request` names no bundles yet."""
        archive, outbox = self._buckets(request)
        bundles, complete = selection.bundles(archive, self.report)
        if not bundles:
            return ExitCode.NEEDS_ATTENTION
        with Checkpoint.create(Path.cwd(), replace(request, bundles=bundles)) as checkpoint:
            code = self._play(checkpoint, archive, outbox)
        return ExitCode.NEEDS_ATTENTION if code is ExitCode.OK and not complete else code

    def go_on(self, path: Path) -> ExitCode:
        """Replay what is left of an earlier run."""
        with Checkpoint.open(path) as checkpoint:
            return self._play(checkpoint, *self._buckets(checkpoint.request))

    def dry_run(self, selection: Selection, request: ReplayRequest) -> ExitCode:
        """Report what `begin` would do; change nothing."""
        archive, outbox = self._buckets(request)
        bundles, complete = selection.bundles(archive, self.report)
        can = dry_run(replace(request, bundles=bundles), archive, outbox, self.report)
        return ExitCode.OK if can and complete else ExitCode.NEEDS_ATTENTION

    def _buckets(self, request: ReplayRequest) -> tuple[ArchiveBucket, Outbox]:
        archive = ArchiveBucket(self.client, request.archive)
        outbox = Outbox(self.client, request.mailbox, request.replay_id)
        archive.check()
        outbox.check()
        return archive, outbox

    def _play(self, checkpoint: Checkpoint, archive: ArchiveBucket, outbox: Outbox) -> ExitCode:
        replay = Replay(checkpoint, archive, outbox, self.shutdown, self.report)
        return replay.run(wait=self.wait, poll_seconds=self.poll_seconds)
