"""The demo of the event stream from start to result."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from sandbox.alone import alone
from sandbox.demo.events.disturbance import deliver_again, disturb
from sandbox.demo.events.found import PROCESSED_PREFIX, REJECTED_PREFIX, Found, batches_of, left_in, lines_of
from sandbox.demo.events.in_stream import records_in_stream
from sandbox.demo.events.made_up import made_up
from sandbox.demo.events.proof import prove
from sandbox.demo.events.result import EventsResult
from sandbox.demo.events.sending import Witness, send
from sandbox.demo.events.settle import Progress, wait_until_settled
from sandbox.demo.events.summary import print_summary
from sandbox.demo.events.tables import Table
from sandbox.deployed import events_of
from sandbox.engine.endpoint import ONCE
from sandbox.faults import CALM, FaultInjection
from sandbox.iam.parties import endpoint_of
from sandbox.running_stack import running_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from baler.events.producer.statistics import Statistics
    from sandbox.demo.events.disturbance import Disturbance
    from sandbox.demo.events.found import Line
    from sandbox.demo.events.made_up import MadeUpRecord
    from sandbox.deployed import DeployedEvents
    from sandbox.faults import Day
    from sandbox.stack import Engine

RATE: Final = 100.0
_SEED: Final = 14
_LOOK_SECONDS: Final = 1.0
_SUMMARY: Final = "summary-events.json"


@dataclass(frozen=True)
class EventsDemo:
    """What was asked for.

    Attributes:
        records: how many are sent.
        rate: records per second.
        port: where LocalStack listens.
        engine: what deploys.
        out: the folder that gets everything that the demo leaves.
        day: what it is to meet.
    """

    records: int
    rate: float
    port: int
    engine: Engine
    out: Path
    day: Day = CALM


def run_events_demo(demo: EventsDemo, console: Console) -> EventsResult:
    """Deploy, produce, reshard, compact, prove; prints as it goes.

    Raises:
        SandboxError: something is missing or in the way.
    """
    logs = demo.out / "logs"
    with alone(demo.out):
        shutil.rmtree(logs, ignore_errors=True)  # of an earlier demo, if any
        logs.mkdir()
        with running_stack(
            console,
            pipelines=["events"],
            overrides={},
            port=demo.port,
            engine=demo.engine,
            log=logs / "localstack.log",
        ) as stack:
            deployed = events_of(stack)
            result, answer = _Run(deployed, demo.day, console).produce_and_prove(demo)
    summary = demo.out / _SUMMARY
    summary.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    print_summary(console, result, answer, summary)
    return result


class _Run:
    def __init__(self, deployed: DeployedEvents, day: Day, console: Console) -> None:
        self._deployed = deployed
        self._console = console
        self._aws = endpoint_of(deployed, "operator")
        self._injection = FaultInjection(deployed, day, console.print)
        self._progress = Progress(self._aws, deployed, self._injection.is_calm)
        self._table = Table(deployed, self._aws)
        # The producer makes each call once by itself.
        self._witness = Witness(endpoint_of(deployed, "producer", ONCE).kinesis)

    def produce_and_prove(self, demo: EventsDemo) -> tuple[EventsResult, str]:
        """Send everything, wait, and hold what became of it against what had to; return that, and a query's answer."""
        records = made_up(demo.records, _SEED, datetime.now(UTC))
        self._injection.begin(spared=self._aws)
        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Bars(*columns, console=self._console) as bars:
            sent_bar = bars.add_task("Sent", total=len(records))
            committed_bar = bars.add_task("Committed", total=len(records))

            def look() -> None:
                self._progress.look()
                bars.update(committed_bar, completed=self._progress.committed())

            def settle(sent: int) -> bool:
                return wait_until_settled(
                    self._progress, sent, lambda committed: bars.update(committed_bar, completed=committed)
                )

            with _every_second(look):
                statistics, disturbance = self._send(
                    records, demo.rate, lambda sent: bars.update(sent_bar, completed=sent)
                )
            sent = records_in_stream(self._deployed, records)
            settle(len(sent))
            # Whatever is given to the processor now is committed already, and must change nothing.
            again = deliver_again(self._aws, self._deployed, self._witness.taken)
            settled = settle(len(sent))
        good = sum(record.made_up.expected is not None for record in sent)
        processed = lines_of(self._aws.s3, self._deployed.processed_bucket, PROCESSED_PREFIX)
        table_files = self._table.files()
        self._table.compact()
        made = self._injection.end()
        result = EventsResult(
            records=len(sent),
            events=good,
            rejections=len(sent) - good,
            redelivered=sum(each.records for each in (*disturbance.again, *again)),
            redelivered_in_vain=sum(each.all_done for each in again) == len(again),
            shards=disturbance.shards,
            sent_per_second=round(statistics.rate, 1),
            latencies=_latencies(processed, self._progress.processed_at),
            processed_objects=len(self._progress.processed_at),
            table_files=table_files,
            compacted_files=self._table.files(),
            proof=prove(sent, self._found(processed)),
            settled=settled,
            sent_twice=len(sent) - len(records),
            faults=made,
        )
        return result, self._table.answer()

    def _send(
        self, records: Sequence[MadeUpRecord], rate: float, on_progress: Callable[[int], None]
    ) -> tuple[Statistics, Disturbance]:
        """Send the records; half way through the stream is disturbed, and the producer knows nothing of it."""
        half_way = threading.Event()

        def progressed(sent: int) -> None:
            on_progress(sent)
            if sent >= len(records) // 2:
                half_way.set()

        def disturb_half_way() -> Disturbance:
            half_way.wait()
            return disturb(self._aws, self._deployed, tuple(self._witness.taken), self._console.print)

        with ThreadPoolExecutor(1) as pool:
            disturbance = pool.submit(disturb_half_way)
            try:
                statistics = send(self._witness, self._deployed.stream, records, rate, progressed)
            finally:
                half_way.set()  # whatever ended it: nobody is to wait for more
            return statistics, disturbance.result()

    def _found(self, processed: Sequence[Line]) -> Found:
        return Found(
            processed=processed,
            rejected=lines_of(self._aws.s3, self._deployed.raw_bucket, REJECTED_PREFIX),
            batches=batches_of(self._aws, self._deployed),
            rows=self._table.rows(),
            left=left_in(self._aws, self._deployed),
        )


@contextmanager
def _every_second(look: Callable[[], None]) -> Generator[None]:
    """Look once a second until the block ends, on a thread of its own."""
    ended = threading.Event()

    def keep_looking() -> None:
        while not ended.wait(_LOOK_SECONDS):
            look()

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(keep_looking)
        try:
            yield
        finally:
            ended.set()
        looking.result()


def _latencies(lines: Sequence[Line], there_at: Mapping[str, float]) -> list[float]:
    """Return how long each event took from its arrival in the stream, sorted, in seconds."""
    return sorted(
        there_at[line.key] - float(line.document["original_data"]["kinesis"]["arrived_at"])
        for line in lines
        if line.key in there_at
    )
