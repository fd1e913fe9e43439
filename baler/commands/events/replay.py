"""`baler events replay`: brings back what the stream still has and no batch covers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period, PeriodError
from baler.cli.report import Event, failure, quantity, stdout_reporter
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.events.options import (  # noqa: TC001 - typer reads them
    AsJson,
    DryRun,
    End,
    PutBack,
    RecoveryFunction,
    Stream,
)
from baler.commands.events.recovery_function import DeadlyError, RefusedError, lambda_client
from baler.commands.events.recovery_function import RecoveryFunction as Function
from baler.commands.events.recovery_tally import RecoveryTally
from baler.commands.events.redrive import new_run
from baler.events.recovery.pseudo_shard import RecoveryKind
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EPILOG: Final = epilog(
    "events",
    "replay --from 2026-11-20T09:30 --to 2026-11-20T11:00 --dry-run",
    "replay --from 2026-11-20T09:30 --to 2026-11-20T11:00",
    "replay --from 2026-11-20T09:30 --put-back",
    codes={
        ExitCode.OK: "all that arrived in that time is committed, or its turn is to come",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.NEEDS_ATTENTION: "a part of that time has expired from the stream, or a record cannot be brought back",
        ExitCode.RETRY: "AWS did not answer for some of it; the same command does the rest",
        ExitCode.STOPPED: "stopped by a signal; the same command does the rest",
    },
)


def replay(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stream: Stream,
    recovery_function: RecoveryFunction,
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="Since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120."),
    ],
    end: End = None,
    shard: Annotated[
        list[str] | None,
        typer.Option(metavar="SHARD", help="This shard. Repeatable.  [default: all that the stream has]"),
    ] = None,
    put_back: PutBack = False,  # noqa: FBT002 - a flag
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Read a range of the stream once more, and commit what no batch covers, for a gap whatever it came from.

    Times are those of arrival in the stream. What is committed stays as it is, and what the processor has yet to come
    to is left to it. With --put-back, batches whose raw objects were deleted get these back, byte for byte. The stream
    keeps a record for its retention; of what has expired nothing can be said but when it arrived, and the command says
    it.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    report = stdout_reporter(as_json=as_json)
    with plain_errors(), Shutdown() as shutdown:
        shard_ids = shard or _shard_ids(client("kinesis"), stream)
        run = str(new_run(RecoveryKind.REPLAY))
        function = Function(lambda_client(), recovery_function, run, dry_run=dry_run, life=None)
        code = Replay(function, report, shutdown, put_back=put_back, dry_run=dry_run).run(shard_ids, period, run)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Replay:
    """Brings shards back, one after the other.

    Attributes:
        function: the recovery function.
        report: gets the events.
        shutdown: where a signal is asked for.
        put_back: raw objects that are gone are put back.
        dry_run: nothing is changed.
        tally: what was done.
        expired: the shards of which a part of the range is gone.
    """

    function: Function
    report: Callable[[Event], None]
    shutdown: Shutdown
    put_back: bool
    dry_run: bool
    tally: RecoveryTally = field(default_factory=RecoveryTally)
    expired: list[str] = field(default_factory=list[str])

    def run(self, shard_ids: Sequence[str], period: Period, run: str) -> ExitCode:
        """Bring shards back.

        Raises:
            ClientError, BotoCoreError: the function cannot be invoked.
        """
        start = 0.0 if period.start is None else period.start.timestamp()
        # What arrives while it is read is the processor's.
        end = datetime.now(UTC).timestamp() if period.end is None else period.end.timestamp()
        stopped = False
        try:
            for shard_id in shard_ids:
                self.shutdown.interruption_point()
                self._one(shard_id, start, end)
        except Stopping:
            stopped = True
        self.report(_summary(self.tally, self.expired, run, dry_run=self.dry_run))
        if stopped:
            return ExitCode.STOPPED
        if self.tally.refused or self.expired:
            return ExitCode.NEEDS_ATTENTION
        return ExitCode.RETRY if self.tally.waiting else ExitCode.OK

    def _one(self, shard_id: str, start: float, end: float) -> None:
        asked = {"shard_id": shard_id, "start": start, "end": end, "put_back": self.put_back}
        records = recovered = beyond = 0
        horizon: float | None = None
        lost = False

        def go_on(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
            return None if answer["after"] is None else {**asked, "after": answer["after"]}

        try:
            for answer in self.function.answers({**asked, "after": ""}, go_on):
                self.tally.add(answer)
                records += answer["records"]
                recovered += answer["recovered"]
                beyond += answer["beyond"]
                # That of the first call: what expired meanwhile had been read.
                horizon = horizon or answer["horizon"]
                lost = lost or answer["expired"]
                self.shutdown.interruption_point()
        except (RefusedError, DeadlyError) as error:
            self.tally.refused += 1
            self.report(failure(f"cannot be brought back: {error}.", shard_id))
        except Unavailable as error:
            self.tally.waiting += 1
            self.report(failure(f"{error}.", shard_id))
        else:
            covered = max(0, records - recovered)
            self.report(_replayed(shard_id, recovered, covered, beyond, dry_run=self.dry_run))
        if horizon is not None and start < horizon:
            self.expired.append(shard_id)
            self.report(_expired(shard_id, start, min(end, horizon), lost=lost))


def _replayed(shard_id: str, recovered: int, covered: int, beyond: int, *, dry_run: bool) -> Event:
    verb = "would be brought back" if dry_run else "brought back"
    text = f"{shard_id}: {quantity(recovered, 'record')} {verb}, {covered} committed before"
    text += f", {beyond} left to the processor." if beyond else "."
    fields = {"shard_id": shard_id, "recovered": recovered, "covered": covered, "beyond": beyond}
    return Event("would" if dry_run else "replayed", "green" if recovered else "dim", text, fields)


def _expired(shard_id: str, start: float, horizon: float, *, lost: bool) -> Event:
    since, until = _text(start), _text(horizon)
    text = f"{shard_id}: what arrived from {since} to {until} has expired from the stream. "
    if lost:
        text += "The processor had not come to its end: records are lost here."
    else:
        text += "What of it was committed is there; a record that was not, and is in no object of failures, is lost."
    text += " How many came: the metric IncomingRecords of that shard and time."
    return Event("expired", "red", text, {"shard_id": shard_id, "from": since, "to": until, "lost": lost})


def _summary(tally: RecoveryTally, expired: Sequence[str], run: str, *, dry_run: bool) -> Event:
    text = tally.sentence(dry_run=dry_run)
    if expired:
        text += f" Of {quantity(len(expired), 'shard')} a part of that time has expired."
    if tally.refused:
        text += f" {quantity(tally.refused, 'shard')} cannot be brought back as a whole."
    if tally.waiting:
        text += f" {quantity(tally.waiting, 'shard')} left: give the same command again."
    fields = {**tally.counts, "refused": tally.refused, "waiting": tally.waiting, "expired": len(expired), "run": run}
    return Event("done", "bold", text, fields)


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shard_ids(kinesis: Any, stream: str) -> list[str]:
    """Return all shards whose records are kept, closed ones too."""
    pages = kinesis.get_paginator("list_shards").paginate(StreamName=stream)
    return [shard["ShardId"] for page in pages for shard in page["Shards"]]
