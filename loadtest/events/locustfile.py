"""The load test of the event stream, as Locust runs it: see docs/load-test.md.

    locust -f loadtest/events/locustfile.py --headless --only-summary --outputs outputs.json --html report.html

One process sends and watches. Its one user is no client that thinks between requests: it sends a schedule that holds
whatever the latency.
"""

from __future__ import annotations

# Locust patches the standard library for gevent when it is imported: before everything that opens a connection.
from locust import LoadTestShape, User, events, task  # isort: split

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import gevent
from locust.exception import StopUser

from loadtest.drain import Ending
from loadtest.events import summary
from loadtest.events.measurement import EventsMeasurement
from loadtest.events.stack_under_test import EventsUnderTest
from loadtest.shapes import EVENT_SHAPES, ShapeError, shape_of
from loadtest.stack_under_test import StackUnderTestError

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment

CANNOT_RUN: Final = 2
PROGRESS: Final = "progress: "
_PROGRESS_TICKS: Final = 5


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Declare the options that are ours."""
    options = parser.add_argument_group("Baler", "what to load, and how")
    options.add_argument(
        "--outputs", env_var="BALER_OUTPUTS", default="", metavar="FILE", help="what `pulumi stack output --json` says"
    )
    options.add_argument(
        "--shape", choices=list(EVENT_SHAPES), default=next(iter(EVENT_SHAPES)), help="the load over time"
    )
    options.add_argument("--duration", default="", metavar="TIME", help="of the whole: 90, 15m, 2h")
    options.add_argument("--rates", default="", metavar="N,N,...", help="events per second, one number for each phase")
    options.add_argument("--results", default="out/loadtest", metavar="FOLDER", help="gets summary.json")


class ProducerUser(User):
    """Sends the events of the run, once, and ends."""

    environment: Environment

    @task
    def send(self) -> None:
        """Send."""
        if Schedule.run is not None:
            Schedule.run.measurement.sender.send_all()
        raise StopUser


class Schedule(LoadTestShape):
    """Keeps one user until the run is over; what it sends, and when, is the run's to say."""

    run: ClassVar[Run | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._ticks = 0

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there are and how fast they start, None when the run is over."""
        if Schedule.run is None:
            assert self.runner is not None  # noqa: S101 - it is what asks
            try:
                Schedule.run = Run(self.runner.environment)
            except (ShapeError, StackUnderTestError) as error:
                print(error, file=sys.stderr)  # noqa: T201 - a sentence for the person at the terminal
                return None
        if Schedule.run.over:
            return None
        self._ticks += 1
        if self._ticks % _PROGRESS_TICKS == 0:
            print(PROGRESS + Schedule.run.measurement.progress(), flush=True)  # noqa: T201 - as Locust's own progress
        return 1, 1


class Run:
    """A test from its start to its verdict.

    Raises:
        ShapeError: no such shape.
        StackUnderTestError: no such stack, or one that cannot be watched.
    """

    def __init__(self, environment: Environment) -> None:
        options = environment.parsed_options
        assert options is not None  # noqa: S101 - the command line was read
        if not options.outputs:
            raise StackUnderTestError("Which stack? Name the file of its outputs: --outputs FILE, or BALER_OUTPUTS.")
        self._environment = environment
        self._results = Path(options.results)
        self._results.mkdir(parents=True, exist_ok=True)
        self.measurement = EventsMeasurement(
            EventsUnderTest.read(Path(options.outputs)),
            shape_of(options.shape, options.duration, options.rates, shapes=EVENT_SHAPES),
            lambda seconds, size, failure: self._count("PUT", "stream", seconds, size, failure),
            lambda seconds: self._count("DELIVER", "stream to processed", seconds, 0, None),
        )
        self._watching: gevent.Greenlet[[], Ending] = gevent.spawn(self.measurement.watch_until_over)
        self._judged = False

    @property
    def over(self) -> bool:
        """Nothing is left to wait for."""
        return self._judged or self._watching.ready()

    def judge(self) -> None:
        """Judge, once."""
        if self._judged:
            return
        self._judged = True
        # Ctrl-C is raised in whatever greenlet happens to run.
        interrupted = not self._watching.ready() or isinstance(self._watching.exception, KeyboardInterrupt)
        ending = Ending.INTERRUPTED if interrupted else self._watching.get()
        self._watching.kill()
        verdict = self.measurement.finish(ending)
        document = summary.document(self.measurement, verdict)
        (self._results / "summary.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        print("\n".join(("", *summary.lines(document), "")), flush=True)  # noqa: T201 - as Locust's own summary
        self._environment.process_exit_code = verdict.result

    def _count(self, kind: str, name: str, seconds: float, size: int, failure: Exception | None) -> None:
        self._environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=seconds * 1000,
            response_length=size,
            exception=failure,
            context={},
        )


@events.init.add_listener
def wire(environment: Environment, **_: Any) -> None:
    """Judge when the test stops, however it does."""
    runner = environment.runner
    assert runner is not None  # noqa: S101 - Locust fires this when it has made it
    environment.process_exit_code = CANNOT_RUN  # until there is a result

    def judge(**_: Any) -> None:
        if Schedule.run is not None:
            Schedule.run.judge()

    environment.events.test_stop.add_listener(judge)
    environment.events.quitting.add_listener(judge)
    # Locust handles SIGTERM only once a headless test with a shape is over.
    gevent.signal_handler(signal.SIGTERM, runner.quit)
