"""The stage of a rehearsal: a stack that works, with what comes to it and who takes it."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.request import urlopen

from baler.events.event_types import EVENT_TYPES
from baler.events.producer.sample_events import SampleEvents
from sandbox.demo.consumer import running_consumer
from sandbox.deployed import events_of, lake_of
from sandbox.iam.parties import endpoint_of
from sandbox.rehearsal.traffic import running_traffic
from sandbox.running_files import running_files
from sandbox.running_stack import running_stack
from sandbox.sources.running import running_sources

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from rich.console import Console

    from sandbox.deployed import DeployedEvents, DeployedFiles, DeployedLake
    from sandbox.engine.endpoint import Endpoint
    from sandbox.receivers.premises import Premises
    from sandbox.rehearsal.fault import Fault
    from sandbox.rehearsal.traffic import Traffic
    from sandbox.sources.running import Sources

_LOG: Final = "localstack.log"
_MOST_RECORDS: Final = 500
"""Of a call of PutRecords."""
_ANSWER_SECONDS: Final = 10.0
_QUESTIONS: Final = 3
"""Of the lake's API, at a time: its alarm says nothing of ten in a period, and in time lapse that is ten seconds."""


@dataclass(frozen=True, slots=True)
class FilesStage:
    """The file pipeline; a file lands every second.

    Attributes:
        deployed: the stack.
        aws: an operator's clients.
        party: the external party's client.
        traffic: the files that it puts.
        consumer: takes the bundles, where they are pulled.
        premises: gets them, where they are pushed.
        folder: of what the rehearsal leaves.
    """

    deployed: DeployedFiles
    aws: Endpoint
    party: S3Client
    traffic: Traffic
    consumer: Consumer
    premises: Premises | None
    folder: Path


@dataclass(frozen=True, slots=True)
class EventsStage:
    """The event stream; some events come every second.

    Attributes:
        deployed, aws: as of `FilesStage`.
        traffic: the events that come.
        load: how many, and what is wrong with them.
    """

    deployed: DeployedEvents
    aws: Endpoint
    traffic: Traffic
    load: Load


@dataclass(slots=True)
class Load:
    """What the producer sends in a second.

    Attributes:
        events: so many are good.
        bad: so many can never be events.
        hot: so many have one partition key, and so go to one shard.
    """

    events: int = 5
    bad: int = 0
    hot: int = 0


@dataclass(frozen=True, slots=True)
class LakeStage:
    """The lake; its rule fires by itself, and people ask its API every second.

    Attributes:
        deployed, aws: as of `FilesStage`.
        traffic: the questions.
        sources: what it fetches.
    """

    deployed: DeployedLake
    aws: Endpoint
    traffic: Traffic
    sources: Sources


class Consumer:
    """The on-premises consumer as a service that can be stopped and started; nothing where bundles are pushed."""

    def __init__(self, deployed: DeployedFiles, folder: Path) -> None:
        self._deployed = deployed
        self._folder = folder
        self._running = ExitStack()

    def start(self) -> None:
        """Start it, if it does not run."""
        self.stop()
        into, log = self._folder / "received", self._folder / "consumer.jsonl"
        self._running.enter_context(running_consumer(self._deployed, into, log))

    def stop(self) -> None:
        """Stop it."""
        self._running.close()


Stage = FilesStage | EventsStage | LakeStage


@contextmanager
def opened_stage(fault: Fault[Any], console: Console, *, folder: Path, port: int) -> Generator[Stage]:
    """Start LocalStack, deploy what a fault is made in, and let things come and be taken, until the block ends.

    Args:
        fault: says which pipeline.
        console: shows each step.
        folder: gets what the rehearsal leaves.
        port: where LocalStack listens.

    Raises:
        SandboxError: something is missing or in the way.
    """
    opened = {"files": _files, "events": _events, "lake": _lake}[fault.pipeline]
    with opened(fault, console, folder, port) as stage:
        yield stage


@contextmanager
def _files(fault: Fault[Any], console: Console, folder: Path, port: int) -> Generator[FilesStage]:
    with ExitStack() as opened:
        running = opened.enter_context(
            running_files(
                console,
                delivery=fault.delivery,
                receiver=folder / "receiver",
                port=port,
                engine="built-in",
                log=folder / _LOG,
                settings=fault.settings,
            )
        )
        deployed = running.deployed
        consumer = Consumer(deployed, folder)
        opened.callback(consumer.stop)
        if running.premises is None:
            consumer.start()
        party = endpoint_of(deployed, "external-party").s3

        def land(number: int) -> None:
            party.put_object(Bucket=deployed.landing_bucket, Key=f"rehearsal/{number:06d}", Body=b"%d" % number)

        traffic = opened.enter_context(running_traffic(land))
        yield FilesStage(
            deployed, endpoint_of(deployed, "operator"), party, traffic, consumer, running.premises, folder
        )


@contextmanager
def _events(fault: Fault[Any], console: Console, folder: Path, port: int) -> Generator[EventsStage]:
    with ExitStack() as opened:
        stack = opened.enter_context(_running(fault, console, folder, port, fault.settings))
        deployed = events_of(stack)
        producer = endpoint_of(deployed, "producer").kinesis
        samples, load = SampleEvents(sorted(EVENT_TYPES), seed=1), Load()

        def send(_: int) -> None:
            now = datetime.now(UTC)
            made = [samples.next(now) for _ in range(load.events + load.hot)]
            records = [{"Data": json.dumps(each.event), "PartitionKey": each.partition_key} for each in made]
            for record in records[load.events :]:
                record["PartitionKey"] = "hot"
            records += [{"Data": "{", "PartitionKey": f"bad-{number}"} for number in range(load.bad)]
            for begin in range(0, len(records), _MOST_RECORDS):
                producer.put_records(StreamName=deployed.stream, Records=records[begin : begin + _MOST_RECORDS])

        traffic = opened.enter_context(running_traffic(send))
        yield EventsStage(deployed, endpoint_of(deployed, "operator"), traffic, load)


@contextmanager
def _lake(fault: Fault[Any], console: Console, folder: Path, port: int) -> Generator[LakeStage]:
    with ExitStack() as opened:
        sources = opened.enter_context(running_sources(folder / "lake"))
        # Nobody looks at the dashboard here, which would have to be built.
        settings = {**sources.settings, "baler:lakeDashboard": False, **fault.settings}
        stack = opened.enter_context(_running(fault, console, folder, port, settings))
        deployed = lake_of(stack)

        asked = f"{deployed.api_url}/records?limit=1"

        def ask(_: int) -> None:
            for _ in range(_QUESTIONS):
                with suppress(HTTPError):  # it answers that it cannot; people ask again
                    urlopen(asked, timeout=_ANSWER_SECONDS).close()  # noqa: S310 - LocalStack's

        traffic = opened.enter_context(running_traffic(ask))
        yield LakeStage(deployed, endpoint_of(deployed, "operator"), traffic, sources)


def _running(fault: Fault[Any], console: Console, folder: Path, port: int, settings: Any) -> Any:
    return running_stack(
        console, pipelines=[fault.pipeline], overrides=settings, port=port, engine="built-in", log=folder / _LOG
    )
