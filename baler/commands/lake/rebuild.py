"""`baler lake rebuild`: curates raw objects again, those of a range of days."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import Event, quantity, stdout_reporter
from baler.cli.s3 import s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.lake.asked_sources import asked_sources
from baler.commands.lake.days import Days
from baler.commands.lake.options import (  # noqa: TC001 - typer reads them
    AsJson,
    CurationQueue,
    DryRun,
    End,
    RawBucket,
    Sources,
)
from baler.lake.aws.curation_queue import SqsCurationQueue
from baler.lake.aws.raw_versions import S3RawVersions
from baler.lake.rebuild import Rebuilt, prefixes_of
from baler.lake.rebuild import rebuild as announce_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from baler.lake.rebuild import CurationQueue as Queue

EPILOG: Final = epilog(
    "lake",
    "rebuild --from 2026-11-20 --to 2026-11-20 --source jsonplaceholder --dry-run",
    "rebuild --from 2026-11-01",
    codes={
        ExitCode.OK: "all of it is on its way to curation, or would be",
        ExitCode.CANNOT_PROCEED: "AWS refused, or there is no such queue",
        ExitCode.NEEDS_ATTENTION: "some of it is in Glacier: restore it first; the rest is on its way",
        ExitCode.RETRY: "AWS did not answer, or did not take some of it; the same command does all of it again",
        ExitCode.STOPPED: "stopped by a signal; the same command does all of it again",
    },
)

_PROGRESS_EVERY: Final = 1000


def rebuild(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    raw_bucket: RawBucket,
    curation_queue_url: CurationQueue,
    start: Annotated[str, typer.Option("--from", metavar="DAY", help="Since: 2026-11-20 or 20261120, UTC.")],
    end: End = None,
    source: Sources = None,
    rate: Annotated[float, typer.Option(min=0.1, max=3000, help="Announce at most this many objects a second.")] = 50,
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Announce raw objects to curation once more: after a declaration was changed, or records were lost.

    Days are those of the schedule's events. Curation ends with the same records whatever is announced, in any order
    and however often, so this runs beside live traffic, may be stopped anywhere, and may be done again.
    """
    days = Days.parse(start, end)
    report = stdout_reporter(as_json=as_json)
    stopped = False
    done = Rebuilt()
    with plain_errors(), Shutdown() as shutdown:
        raw = S3RawVersions(s3_client(), raw_bucket)
        queue = _Nowhere() if dry_run else Paced(_queue(curation_queue_url), rate, shutdown)
        try:
            names = asked_sources(raw.sources(), source)
            steps = announce_again(raw, queue, raw_bucket, prefixes_of(names, days.first, days.last))
            for step in _reported(steps, report):
                done = step
                shutdown.interruption_point()
        except Stopping:
            stopped = True
    report(_summary(done, curation_queue_url, dry_run=dry_run))
    if stopped:
        raise typer.Exit(ExitCode.STOPPED)
    if done.refused:
        raise typer.Exit(ExitCode.RETRY)
    raise typer.Exit(ExitCode.NEEDS_ATTENTION if done.archived else ExitCode.OK)


def _queue(url: str) -> Queue:
    """Return the queue. That it is not there is said before anything is sent, not message by message.

    Raises:
        ClientError, BotoCoreError: it does not answer, or there is none.
    """
    sqs = client("sqs")
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return SqsCurationQueue(sqs, url)


@dataclass(slots=True)
class Paced:
    """Sends so many messages a second at most: curation has live traffic beside them.

    Attributes:
        queue: takes them.
        rate: messages a second.
        shutdown: ends the waiting.
    """

    queue: Queue
    rate: float
    shutdown: Shutdown
    _free_at: float = 0.0

    def send(self, bodies: Sequence[str]) -> int:
        """See the port.

        Raises:
            Stopping: a signal came, and nothing was sent.
        """
        self.shutdown.wait(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + len(bodies) / self.rate
        return self.queue.send(bodies)


class _Nowhere:
    """Takes all messages, and sends none."""

    def send(self, bodies: Sequence[str]) -> int:
        del bodies
        return 0


def _reported(steps: Iterator[Rebuilt], report: Callable[[Event], None]) -> Iterator[Rebuilt]:
    """Yield what is done, and report each thousand of it."""
    told = 0
    for done in steps:
        if done.sent - told >= _PROGRESS_EVERY:
            told = done.sent
            report(Event("progress", "dim", f"{done.sent:,} announced so far.", {"sent": done.sent}))
        yield done


def _summary(done: Rebuilt, queue_url: str, *, dry_run: bool) -> Event:
    objects = quantity(done.sent, "raw object")
    text = f"Would announce {objects} to curation." if dry_run else f"Announced {objects} to curation."
    if done.archived:
        text += f" {quantity(done.archived, 'raw object')} in Glacier: restore first."
    if done.refused:
        text += f" SQS did not take {quantity(done.refused, 'raw object')}: give the same command again."
    if done.sent and not dry_run:
        text += (
            " It is done when the queue is empty: aws sqs get-queue-attributes --attribute-names"
            f" ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible --queue-url {queue_url}"
        )
    return Event("done", "bold", text, {"sent": done.sent, "archived": done.archived, "refused": done.refused})
