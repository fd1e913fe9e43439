"""A message that kills the function takes no neighbour along for long; one that fails is not said to kill."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from harness.stores import MemoryJournal

from baler.files.reason import Reason
from baler.store_errors import Refused
from runtime.files.aggregator.backoff import SOON_SECONDS
from runtime.files.aggregator.batch import BatchReport, Message
from runtime.files.aggregator.file_outcome import Outcome
from runtime.files.aggregator.isolation import KILLS, Isolation

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Pipeline

VISIBILITY = 130.0


class Killed(BaseException):
    """The process is gone: nothing of its code runs on."""


@dataclass
class Queue:
    """A queue behind a function, whose process dies where a file of `killers` is fetched."""

    pipeline: Pipeline
    killers: set[str] = field(default_factory=set[str])
    slow: set[str] = field(default_factory=set[str])
    bodies: dict[str, str] = field(default_factory=dict[str, str])
    receives: dict[str, int] = field(default_factory=dict[str, int])
    dead: dict[str, Reason | None] = field(default_factory=dict[str, "Reason | None"])
    kills: int = 0

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.pipeline.faults)
        self.runs = itertools.count()
        self.timers: list[tuple[float, Callable[[], None]]] = []
        read = self.pipeline.stores

        def stores(until: float) -> Any:
            found = read(until)
            fetch = found.landing.fetch

            def deadly(files: Any) -> Any:
                for file in files:
                    if file.key in self.killers:
                        raise Killed
                    if file.key in self.slow:
                        self.pipeline.now = self.deadline
                        for _, call in [timer for timer in self.timers if timer[0] <= self.deadline]:
                            call()
                        raise Killed
                    yield from fetch([file])

            found.landing.fetch = deadly  # pyright: ignore[reportAttributeAccessIssue]  # a port in memory
            return found

        self.pipeline.stores = stores

    def send(self, *keys: str) -> None:
        for key in keys:
            self.bodies[key] = self.pipeline.land(key)
            self.receives[key] = 0

    def receive(self, *keys: str) -> BatchReport | None:
        """One invocation over messages, of which each is named by its file; None if it was killed."""
        self.timers.clear()
        self.deadline = self.pipeline.now + self.pipeline.timeout
        messages: list[Message] = []
        for key in keys or tuple(self.bodies):
            self.receives[key] += 1
            messages.append(Message(key, self.bodies[key], self.pipeline.now, self.receives[key]))
        try:
            report = self.isolation().handle(messages, self.deadline)
        except Killed:
            self.kills += 1
            self.pipeline.now += VISIBILITY
            return None
        for message in messages:
            outcome = report.messages[message.message_id]
            if outcome.done or outcome.kind is Outcome.REJECTED:
                del self.bodies[message.message_id]
            if outcome.kind is Outcome.REJECTED:
                self.dead[message.message_id] = outcome.reason
        self.pipeline.now += SOON_SECONDS if report.soon else VISIBILITY
        return report

    def isolation(self) -> Isolation:
        """Of a new process each time."""

        def timer(when: float, call: Callable[[], None]) -> Callable[[], None]:
            entry = (when, call)
            self.timers.append(entry)
            return lambda: self.timers.remove(entry)

        return Isolation(
            self.pipeline.aggregator(),
            journal=lambda _: self.journal,
            concurrently=self.pipeline.at_once,
            clock=lambda: self.pipeline.now,
            pause=self.pipeline.pause,
            timer=timer,
            new_run_id=lambda: str(next(self.runs)),
        )


@pytest.fixture
def queue(pipeline: Pipeline) -> Queue:
    return Queue(pipeline)


def test_messages_that_come_for_the_first_time_cost_no_call_of_the_journal(queue: Queue) -> None:
    queue.send("a", "b")
    queue.receive()
    assert [name for name in queue.pipeline.faults.made if name.startswith("journal.")] == []


@pytest.mark.requirement("PULL-NFR-08")
def test_a_message_that_kills_is_alone_from_its_third_receive_and_its_neighbours_are_delivered(queue: Queue) -> None:
    queue.killers = {"killer"}
    queue.send("killer", *(f"k{number}" for number in range(20)))
    for _ in range(2):
        assert queue.receive() is None
    # From here on it is alone, whenever its turn comes; the next time it is the last.
    for _ in range(KILLS):
        assert queue.receive() is None
        entry = queue.journal.entry("killer")
        assert entry is not None
        assert entry.alone
    assert len(queue.pipeline.archived()) == 20
    assert queue.receive() is not None
    assert queue.dead == {"killer": Reason.KILLS}
    assert queue.bodies == {}
    assert queue.kills == 2 + KILLS


def test_a_file_that_is_rejected_because_it_kills_is_named_in_the_report(queue: Queue) -> None:
    queue.killers = {"killer"}
    queue.send("killer")
    while (report := queue.receive()) is None:
        pass
    assert {file.key: outcome.reason for file, outcome in report.files.items()} == {"killer": Reason.KILLS}
    assert report.left == {"killer": report.sent_at["killer"]}  # until it is moved


def test_two_that_kill_do_not_hide_behind_each_other(queue: Queue) -> None:
    queue.killers = {"k3", "k7"}
    queue.send(*(f"k{number}" for number in range(10)))
    while queue.bodies:
        queue.receive()
    assert queue.dead == {"k3": Reason.KILLS, "k7": Reason.KILLS}
    assert len(queue.pipeline.archived()) == 8
    assert queue.kills == 2 + 2 * KILLS


def test_a_message_that_was_along_when_another_killed_is_alone_once_and_then_like_any_other(queue: Queue) -> None:
    queue.killers = {"killer"}
    queue.send("killer", "a", "b")
    queue.receive()
    queue.receive()
    queue.killers = set()
    queue.pipeline.faults.refused = {"landing.get"}
    assert queue.receive() is not None
    queue.pipeline.faults.refused = set()
    report = queue.receive()
    assert report is not None
    assert [result.files for result in report.results] == [3]


@pytest.mark.requirement("PULL-NFR-01")
@pytest.mark.parametrize(
    "calls", ["landing.get", "archive.put", "table.insert table.claim", "mailbox.put", "table.record"]
)
@pytest.mark.parametrize("side", ["refused", "before", "after"])
def test_an_outage_of_any_length_makes_no_suspects_and_no_dead_letters(queue: Queue, calls: str, side: str) -> None:
    queue.send("a", "b", "c")
    setattr(queue.pipeline.faults, side, set(calls.split()))
    for _ in range(20):
        if queue.bodies:
            report = queue.receive()
            assert report is not None
            assert len(report.results) == 1, "they are processed together"
    setattr(queue.pipeline.faults, side, set())
    if queue.bodies:
        queue.receive()
    assert queue.dead == {}
    assert queue.pipeline.archived() == ["a", "b", "c"]


@pytest.mark.parametrize("refused", ["journal.entry", "journal.has_ended", "journal.write"])
def test_without_the_journal_messages_are_processed_together(queue: Queue, refused: str) -> None:
    queue.send("a", "b")
    queue.pipeline.faults.refused = {refused, "landing.get"}
    for _ in range(2):
        assert queue.receive() is not None
    queue.pipeline.faults.refused = {refused}
    report = queue.receive()
    assert report is not None
    assert queue.pipeline.archived() == ["a", "b"]
    assert queue.dead == {}


def test_messages_whose_run_could_not_note_its_end_come_again_too_soon_for_a_run_that_was_killed(queue: Queue) -> None:
    queue.send("a", "b")
    queue.pipeline.faults.refused = {"journal.end", "landing.get"}
    for _ in range(4 * KILLS):
        report = queue.receive()
        assert report is not None
        assert len(report.results) == 1, "they are processed together"
    queue.pipeline.faults.refused = set()
    queue.receive()
    assert queue.pipeline.archived() == ["a", "b"]


def test_a_process_that_could_not_note_the_end_of_a_run_knows_it_all_the_same(queue: Queue) -> None:
    queue.send("a", "b")
    process = queue.isolation()
    queue.isolation = lambda: process
    queue.receive("a")
    queue.send("a")
    queue.receives["a"] = 1
    queue.pipeline.faults.refused = {"journal.end", "landing.get"}
    for _ in range(2 * KILLS):
        queue.receive()
    queue.pipeline.faults.refused = set()
    queue.receive()
    assert queue.dead == {}


@pytest.mark.requirement("PULL-NFR-08")
def test_a_run_that_ends_at_the_deadline_is_not_held_against_its_messages(queue: Queue) -> None:
    queue.slow = {"slow"}
    queue.send("slow", "a")
    for _ in range(4 * KILLS):
        assert queue.receive() is None
    queue.slow = set()
    assert queue.receive() is not None
    assert queue.dead == {}
    assert queue.pipeline.archived() == ["a", "slow"]


def test_suspects_for_whom_there_is_no_time_come_again(queue: Queue) -> None:
    queue.killers = {"killer"}
    queue.send("killer", "a", "b", "c")
    queue.receive()
    queue.receive()
    queue.killers = set()
    slow(queue.pipeline, 8)
    report = queue.receive()
    assert report is not None
    reasons = {key: outcome.reason for key, outcome in report.messages.items()}
    assert list(reasons.values()).count(Reason.OUT_OF_TIME) == 2
    while queue.bodies:
        assert queue.receive() is not None
    assert queue.pipeline.archived() == ["a", "b", "c", "killer"]


def slow(pipeline: Pipeline, seconds: float) -> None:
    inner = pipeline.landing.call

    def call(name: str, effect: Callable[[], Any]) -> Any:
        pipeline.now += seconds
        return inner(name, effect)

    pipeline.landing.call = call


def test_an_error_that_nobody_expects_ends_the_run(queue: Queue) -> None:
    queue.send("a")
    queue.receives["a"] = 1
    aggregator = queue.pipeline.aggregator()

    def broken(messages: object, deadline: float) -> BatchReport:
        del messages, deadline
        raise RuntimeError("broken")

    aggregator.handle = broken
    queue.pipeline.aggregator = lambda: aggregator
    for _ in range(2 * KILLS):
        with pytest.raises(RuntimeError):
            queue.receive()
        assert queue.journal.runs_ended
        assert queue.timers == []
    entry = queue.journal.entry("a")
    assert entry is not None
    assert not entry.suspect


def test_a_journal_that_refuses_is_no_error_of_the_function(queue: Queue) -> None:
    def refuse(*_: object) -> None:
        raise Refused("journal", "AccessDeniedException")

    refused: Any = refuse
    queue.send("a")
    queue.receives["a"] = 1
    queue.journal.write = queue.journal.end = refused
    assert queue.receive() is not None
    assert queue.pipeline.archived() == ["a"]
