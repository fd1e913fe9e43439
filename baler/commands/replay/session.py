"""One run of `baler replay`: a new replay, one that goes on, or a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from baler.commands.replay.outbox import Outbox
from baler.commands.replay.rehearsal import rehearse
from baler.commands.replay.service import Replay
from baler.commands.replay.token import Token
from baler.files.archive.bucket import ArchiveBucket
from baler.files.archive.exit_code import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.replay.selection import Selection
    from baler.commands.replay.token import Request


@dataclass(frozen=True, slots=True)
class Session:
    """What every run works with.

    Attributes:
        client: boto3's S3 client.
        shutdown: how it is stopped.
        report: told every event.
        wait: end when all is done, not when something is awaited.
        poll_seconds: then the time between looks.
    """

    client: S3Client
    shutdown: Shutdown
    report: Callable[[Event], None]
    wait: bool
    poll_seconds: float

    def begin(self, selection: Selection, request: Request) -> ExitCode:
        """Replay what was selected; `request` names no bundles yet."""
        archive, outbox = self._buckets(request)
        bundles, complete = selection.bundles(archive, self.report)
        if not bundles:
            return ExitCode.REFUSED
        with Token.create(Path.cwd(), replace(request, bundles=bundles)) as token:
            code = self._play(token, archive, outbox)
        return ExitCode.REFUSED if code is ExitCode.OK and not complete else code

    def go_on(self, path: Path) -> ExitCode:
        """Replay what is left of an earlier run."""
        with Token.open(path) as token:
            return self._play(token, *self._buckets(token.request))

    def rehearse(self, selection: Selection, request: Request) -> ExitCode:
        """Tell what `begin` would do; change nothing."""
        archive, outbox = self._buckets(request)
        bundles, complete = selection.bundles(archive, self.report)
        can = rehearse(replace(request, bundles=bundles), archive, outbox, self.report)
        return ExitCode.OK if can and complete else ExitCode.REFUSED

    def _buckets(self, request: Request) -> tuple[ArchiveBucket, Outbox]:
        archive = ArchiveBucket(self.client, request.archive)
        outbox = Outbox(self.client, request.mailbox, request.replay_id)
        archive.check()
        outbox.check()
        return archive, outbox

    def _play(self, token: Token, archive: ArchiveBucket, outbox: Outbox) -> ExitCode:
        replay = Replay(token, archive, outbox, self.shutdown, self.report)
        return replay.run(wait=self.wait, poll_seconds=self.poll_seconds)
