"""The load test, as Locust runs it: see docs/load-test.md.

    locust -f loadtest/locustfile.py --headless --only-summary --outputs outputs.json --shape burst --html report.html

Locust starts one user in each process. A user is no client that thinks between requests: it uploads its process's
share of a schedule that holds whatever the latency. The process without a master measures.
"""

from __future__ import annotations

# Locust patches the standard library for gevent when it is imported: before everything that opens a connection.
from locust import LoadTestShape, User, events, task  # isort: split

import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import gevent
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from loadtest import summary
from loadtest.drain import Ending
from loadtest.measurement import Measurement
from loadtest.report import write_report
from loadtest.shapes import SHAPES, ShapeError, shape_of
from loadtest.stack_under_test import StackUnderTest, StackUnderTestError
from loadtest.uploads import ExternalParty, Share, landing_client

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment
    from locust.rpc import Message
    from locust.runners import Runner

    from loadtest.files import Upload

CANNOT_RUN: Final = 2
PROGRESS: Final = "progress: "
_PROGRESS_TICKS: Final = 5


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Declare the options that are ours; workers get their values from the master."""
    options = parser.add_argument_group("Baler", "what to load, and how")
    options.add_argument(
        "--outputs", env_var="BALER_OUTPUTS", default="", metavar="FILE", help="what `pulumi stack output --json` says"
    )
    options.add_argument("--shape", choices=list(SHAPES), default="baseline", help="the load over time")
    options.add_argument("--duration", default="", metavar="TIME", help="of the whole: 90, 90s, 15m, 8h")
    options.add_argument("--rates", default="", metavar="N,N,...", help="files per second, one number for each phase")
    options.add_argument(
        "--watch",
        choices=["mailbox", "archive", "receipts"],
        default="mailbox",
        help="where files are looked for: receipts are those of the courier, where the delivery is pushed",
    )
    options.add_argument(
        "--results", default="out/loadtest", metavar="FOLDER", help="gets index.html, summary.json and figures"
    )


class Uploader(User):
    """Uploads the share of its process, once, and ends."""

    share: ClassVar[Share | None] = None
    environment: Environment

    @task
    def upload_share(self) -> None:
        """Upload."""
        share, Uploader.share = Uploader.share, None
        if share is not None:
            runner = self.environment.runner
            assert runner is not None  # noqa: S101 - a user is started by one
            ExternalParty(
                landing_client(share.region),
                share,
                on_upload=self._count,
                report=lambda report: runner.send_message("uploads", report),
            ).upload_all()
        raise StopUser

    def _count(self, upload: Upload, size: int, failure: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="PUT",
            name="landing bucket",
            response_time=upload.seconds * 1000,
            response_length=size,
            exception=failure,
            context={},
        )


class UserSchedule(LoadTestShape):
    """Keeps a user in each process until the run is over; what they upload, and when, is their share's to say."""

    run: ClassVar[Run | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._ticks = 0

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there are and how fast they start, None when the run is over."""
        if UserSchedule.run is None:
            assert self.runner is not None  # noqa: S101 - it is what asks
            try:
                UserSchedule.run = Run(self.runner.environment)
            except (ShapeError, StackUnderTestError) as error:
                print(error, file=sys.stderr)  # noqa: T201 - a sentence for the person at the terminal
                return None
        if UserSchedule.run.over:
            return None
        self._ticks += 1
        if self._ticks % _PROGRESS_TICKS == 0:
            print(PROGRESS + UserSchedule.run.measurement.progress(), flush=True)  # noqa: T201 - as Locust's own progress
        return UserSchedule.run.measurement.processes, UserSchedule.run.measurement.processes


class Run:
    """A test from Locust's start event to its stop event, in the process that measures.

    Raises:
        ShapeError: no such shape.
        StackUnderTestError: no such stack, or one that cannot be watched.
    """

    def __init__(self, environment: Environment) -> None:
        options, runner = environment.parsed_options, environment.runner
        assert options is not None  # noqa: S101 - the command line was read
        assert runner is not None  # noqa: S101 - it starts the test
        self._environment = environment
        self._runner = runner
        if not options.outputs:
            raise StackUnderTestError("Which stack? Name the file of its outputs: --outputs FILE, or BALER_OUTPUTS.")
        clients = runner.clients.ready if isinstance(runner, MasterRunner) else []
        self._workers = [worker.id for worker in clients] or [None]
        self.measurement = Measurement(
            StackUnderTest.read(Path(options.outputs)),
            shape_of(options.shape, options.duration, options.rates),
            len(self._workers),
            options.watch,
            lambda latency: self._count(latency * 1000, None),
        )
        self._results = Path(options.results)
        self._results.mkdir(parents=True, exist_ok=True)
        self._collecting: gevent.Greenlet[[], Ending] | None = None
        self._judging = threading.Lock()
        self._judged = False

    @property
    def over(self) -> bool:
        """Nothing is left to wait for."""
        return self._judged or (self._collecting is not None and self._collecting.ready())

    def start(self) -> None:
        """Tell each process its share, and watch."""
        for share, worker in zip(self.measurement.shares, self._workers, strict=True):
            self._runner.send_message("share", asdict(share), client_id=worker)
        self._collecting = gevent.spawn(self.measurement.watcher.watch_until_over)

    def stop(self) -> None:
        """Judge, once: anyone else who stops Locust meanwhile waits for it."""
        with self._judging:
            if self._collecting is not None and not self._judged:
                self._judge(self._collecting)
            self._judged = True

    def _judge(self, collecting: gevent.Greenlet[[], Ending]) -> None:
        # Ctrl-C is raised in whatever greenlet happens to run.
        interrupted = not collecting.ready() or isinstance(collecting.exception, KeyboardInterrupt)
        ending = Ending.INTERRUPTED if interrupted else collecting.get()
        collecting.kill()
        measurement, finished = self.measurement, self.measurement.finish(ending)
        for failure, count in (("lost", len(finished.slo.lost)), ("twice", len(measurement.ledger.twice))):
            for _ in range(count):
                self._count(None, LookupError(failure))
        document, result = write_report(measurement, finished, self._results)
        print("\n".join(("", *summary.lines(document), "")), flush=True)  # noqa: T201 - as Locust's own summary
        self._environment.process_exit_code = result

    def _count(self, milliseconds: float | None, failure: Exception | None) -> None:
        self._environment.events.request.fire(
            request_type="DELIVER",
            name=f"upload to {self.measurement.watched}",
            response_time=milliseconds,
            response_length=0,
            exception=failure,
            context={},
        )


@events.init.add_listener
def wire(environment: Environment, **_: Any) -> None:
    """Give this process its part: uploading, measuring, or both."""
    runner = environment.runner
    assert runner is not None  # noqa: S101 - Locust fires this when it has made it
    if isinstance(runner, WorkerRunner):
        environment.process_exit_code = 0  # the result is the master's
    else:
        environment.process_exit_code = CANNOT_RUN  # until there is a result
        _measure(environment, runner)
    if not isinstance(runner, MasterRunner):
        runner.register_message("share", _take_share)


def _take_share(msg: Message, **_: Any) -> None:
    share: Any = msg.data
    Uploader.share = Share(**share)


def _measure(environment: Environment, runner: Runner) -> None:
    def take_uploads(msg: Message, **_: Any) -> None:
        report: Any = msg.data
        if UserSchedule.run is not None:
            UserSchedule.run.measurement.receive(report)

    def start(**_: Any) -> None:
        if UserSchedule.run is not None:
            UserSchedule.run.start()

    def judge(**_: Any) -> None:
        if UserSchedule.run is not None:
            UserSchedule.run.stop()

    def stop(**_: Any) -> None:
        judge()
        UserSchedule.run = None

    runner.register_message("uploads", take_uploads)
    environment.events.test_start.add_listener(start)
    environment.events.test_stop.add_listener(stop)
    # Whoever quits first takes the exit code: it must be there, even where another greenlet is just judging.
    environment.events.quitting.add_listener(judge)
    # Locust handles SIGTERM only once a headless test with a shape is over.
    gevent.signal_handler(signal.SIGTERM, runner.quit)
