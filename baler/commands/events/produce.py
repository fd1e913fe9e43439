"""`baler events produce`: sample events at a steady rate."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.events.options import AsJson, Stream  # noqa: TC001 - typer reads them
from baler.commands.events.produce_settings import ProduceFileError, ProduceSettingsError, read_produce_settings
from baler.events.aws.kinesis_stream import KinesisStream
from baler.events.producer.ports import StreamRefusedError
from baler.events.producer.producer import PATIENCE_SECONDS, Producer
from baler.events.producer.sample_events import SampleEvents

if TYPE_CHECKING:
    from baler.commands.events.produce_settings import ProduceSettings

EPILOG: Final = epilog(
    "events",
    "produce",
    "produce --rate 500 --duration 120 --batch-size 100",
    "produce --types transaction,metric --seed 7",
    "produce --config producer.yaml --json",
    codes={
        ExitCode.OK: "the stream took every event",
        ExitCode.CANNOT_PROCEED: "the stream refuses us, or the settings cannot be used",
        ExitCode.RETRY: "the stream did not answer, or took nothing for as long as the patience lasts",
        ExitCode.STOPPED: "Ctrl-C; the statistics say what was sent until then",
    },
)


def produce(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stream: Stream,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Events a second.  [default: 10]")] = None,
    duration: Annotated[
        float | None, typer.Option(min=0.001, metavar="SECONDS", help="For how long.  [default: 60]")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Events of a call, 1 to 500.  [default: 10]")] = None,
    types: Annotated[
        list[str] | None, typer.Option(metavar="TYPES", help="Of these types, with commas.  [default: all four]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same number makes the same events.  [default: 1]")] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML with these settings below `producer`; options go before it."),
    ] = None,
    patience: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long to try while the stream takes nothing at all.")
    ] = PATIENCE_SECONDS,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Send sample events into the stream at a steady rate, and say what became of them.

    What the stream refuses for lack of room is sent again, and the events of a partition key (a user, a host) stay in
    their order. A call without an answer is sent again too: its events may then be in the stream twice.
    """
    of_types = None if types is None else [name for named in types for name in named.split(",")]
    given = {"rate": rate, "duration": duration, "batch_size": batch_size, "types": of_types, "seed": seed}
    try:
        settings = read_produce_settings(config, given)
    except ProduceSettingsError as error:
        typer.echo(printable(str(error)), err=True)
        of_file = isinstance(error, ProduceFileError)
        raise typer.Exit(ExitCode.CANNOT_PROCEED if of_file else ExitCode.USAGE) from error
    with plain_errors():
        kinesis = KinesisStream(client("kinesis", attempts=1), stream)
        with Shutdown() as shutdown:
            producer = Producer(
                kinesis, most_records=settings.batch_size, patience_seconds=patience, wait=shutdown.wait
            )
            try:
                _send(producer, settings, shutdown)
            except Stopping as error:
                raise typer.Exit(ExitCode.STOPPED) from error
            except StreamRefusedError as error:
                # What AWS answered, which is explained as for every other command.
                raise (error.__cause__ or error) from None
            finally:
                _report(producer, as_json=as_json)


def _send(producer: Producer, settings: ProduceSettings, shutdown: Shutdown) -> None:
    """Send the events, each batch when it is due; what is later than a second is not made up for by a burst."""
    samples = SampleEvents(settings.types, settings.seed)
    due = time.monotonic()
    for number in range(settings.records):
        sample = samples.next(datetime.now(UTC))
        producer.send_event(sample.event, sample.partition_key)
        if (number + 1) % settings.batch_size == 0:
            producer.flush()
            due = max(due + settings.batch_size / settings.rate, time.monotonic() - 1.0)
            if number + 1 < settings.records:
                shutdown.wait(due - time.monotonic())
    producer.flush()


def _report(producer: Producer, *, as_json: bool) -> None:
    found = producer.statistics
    if as_json:
        fields = {
            "sent": found.sent,
            "sent_bytes": found.sent_bytes,
            "retried": found.retried,
            "refused": found.refused.total(),
            "perhaps_twice": found.unanswered,
            "not_sent": len(producer.waiting),
            "calls": found.calls,
            "seconds": round(found.seconds, 3),
            "rate": round(found.rate, 1),
        }
        typer.echo(json.dumps(fields))
        return
    typer.echo(
        f"{found.sent:,} sent ({found.sent_bytes:,} bytes, {found.calls:,} calls, {found.rate:,.1f} a second), "
        f"{found.retried:,} retried, {found.refused.total():,} refused"
    )
    if found.unanswered:
        typer.echo(f"{found.unanswered:,} were sent again without an answer and may be in the stream twice.")
    if producer.waiting:
        typer.echo(f"{len(producer.waiting):,} were not sent, or not known to be.")
