"""`baler events redrive`: brings back the records that Lambda gave up, each once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from baler.cli.clients import plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period, PeriodError
from baler.cli.report import Event, failure, quantity, stdout_reporter
from baler.cli.s3 import s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.events.options import (  # noqa: TC001 - typer reads them
    AsJson,
    DryRun,
    End,
    FailureBucket,
    Life,
    RecoveryFunction,
    Start,
)
from baler.commands.events.recovery_function import DeadlyError, RefusedError, lambda_client
from baler.commands.events.recovery_function import RecoveryFunction as Function
from baler.commands.events.recovery_tally import RecoveryTally
from baler.events.recovery.failure_object import PREFIX
from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

EPILOG: Final = epilog(
    "events",
    "redrive --dry-run",
    "redrive --from 2026-11-20",
    codes={
        ExitCode.OK: "all that was given up is committed",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.NEEDS_ATTENTION: "an object cannot be brought back; the others are",
        ExitCode.RETRY: "AWS did not answer for some of it; the same command does the rest",
        ExitCode.STOPPED: "stopped by a signal; the same command does the rest",
    },
)


def redrive(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    failure_bucket: FailureBucket,
    recovery_function: RecoveryFunction,
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY", help="These objects alone.")] = None,
    start: Start = None,
    end: End = None,
    life: Life = None,
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Bring back the records that Lambda gave up: those of all objects of the destination on failure, or of some.

    Times are those at which they were given up. What is committed already stays as it is, so the command may be
    stopped, repeated and run beside others. The objects stay until they expire; once all is well they say nothing new.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    report = stdout_reporter(as_json=as_json)
    with plain_errors(), Shutdown() as shutdown:
        run = new_run(RecoveryKind.REDRIVE)
        function = Function(lambda_client(), recovery_function, str(run), dry_run=dry_run, life=life)
        wanted = keys or _keys(s3_client(), failure_bucket, period)
        code = Redrive(function, report, shutdown, dry_run=dry_run).run(wanted, str(run))
    raise typer.Exit(code)


def new_run(kind: RecoveryKind) -> RecoveryRun:
    """Return a run that begins now."""
    return RecoveryRun(kind, datetime.now(UTC).replace(microsecond=0), secrets.token_hex(3))


@dataclass(frozen=True, slots=True)
class Redrive:
    """Brings objects back, one after the other in the order of their keys: that of their mapping, shard and time.

    Attributes:
        function: the recovery function.
        report: gets the events.
        shutdown: where a signal is asked for.
        dry_run: nothing is changed.
        tally: what was done.
    """

    function: Function
    report: Callable[[Event], None]
    shutdown: Shutdown
    dry_run: bool
    tally: RecoveryTally = field(default_factory=RecoveryTally)

    def run(self, keys: Sequence[str] | Iterator[str], run: str) -> ExitCode:
        """Bring objects back.

        Raises:
            ClientError, BotoCoreError: the function cannot be invoked, or the bucket not be listed.
        """
        tally, stopped = self.tally, False
        try:
            for key in keys:
                self.shutdown.interruption_point()
                self._one(key)
        except Stopping:
            stopped = True
        self.report(_summary(tally, run, dry_run=self.dry_run))
        if stopped:
            return ExitCode.STOPPED
        if tally.refused:
            return ExitCode.NEEDS_ATTENTION
        return ExitCode.RETRY if tally.waiting else ExitCode.OK

    def _one(self, key: str) -> None:
        recovered = 0
        answer: Mapping[str, Any] = {}
        try:
            for answer in self.function.answers({"key": key}, lambda found: _next(found, key)):
                self.tally.add(answer)
                recovered += answer["recovered"]
                self.shutdown.interruption_point()
        except (RefusedError, DeadlyError) as error:
            self.tally.refused += 1
            self.report(failure(f"cannot be brought back: {error}.", key))
            return
        except Unavailable as error:
            self.tally.waiting += 1
            self.report(failure(f"{error}.", key))
            return
        self.report(_redriven(key, recovered, answer, dry_run=self.dry_run))


def _next(answer: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    return {"key": key} if answer["left"] else None


def _redriven(key: str, recovered: int, answer: Mapping[str, Any], *, dry_run: bool) -> Event:
    records = answer["covered"] + recovered if dry_run else answer["records"]
    before = records - recovered
    verb = "would be brought back" if dry_run else "brought back"
    text = f"{key}: {quantity(recovered, 'record')} {verb}, {before} committed before ({answer['condition']})."
    fields = {
        "key": key,
        "shard_id": answer["shard_id"],
        "condition": answer["condition"],
        "recovered": recovered,
        "covered": before,
    }
    return Event("would" if dry_run else "redriven", "green" if recovered else "dim", text, fields)


def _summary(tally: RecoveryTally, run: str, *, dry_run: bool) -> Event:
    text = tally.sentence(dry_run=dry_run)
    if tally.refused:
        text += f" {quantity(tally.refused, 'object')} cannot be brought back."
    if tally.waiting:
        text += f" {quantity(tally.waiting, 'object')} left: give the same command again."
    fields = {**tally.counts, "refused": tally.refused, "waiting": tally.waiting, "run": run}
    return Event("done", "bold", text, fields)


def _keys(client: Any, bucket: str, period: Period) -> Iterator[str]:
    """Yield the objects of the destination that were written in a period."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for item in page.get("Contents", []):
            written = item["LastModified"]
            if (period.start is None or written >= period.start) and (period.end is None or written < period.end):
                yield item["Key"]
