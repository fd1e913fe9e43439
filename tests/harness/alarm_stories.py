"""Stories of alarms: something is the matter, alarms tell of it, it is repaired, and they are off again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from harness.alarms import UNHEALTHY, Alarms, Subscriber, name_of, stack_of
from harness.pipeline import wait_until
from sandbox.time_lapse import set_time_lapse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    from harness.pipeline import Pipeline
    from sandbox.engine.endpoint import Endpoint

    Trouble = Callable[[Pipeline, Path], AbstractContextManager[Callable[[], object]]]

HURRY = 30.0
"""In time lapse periods of a minute and of five both last 10 s, the shortest that there is."""
MINUTE_IN_PERIODS = 6.0

OF_SLOWNESS = frozenset(
    f"files-{name}"
    for name in (
        *("queue-age", "stuck", "latency-p95", "latency-p99.9", "delivery-p95", "delivery-p99.9"),
        # In time lapse a schedule has 50 s for what has five minutes on AWS.
        *("monitor-silent", "courier-silent", "reconciliation-stale", "register-stale"),
    )
)
"""Alarms that are on as well where this machine is slow."""

PATIENCE = 600.0
"""Several evaluations of the slowest alarm, each of which may be late on a busy machine."""


@dataclass(frozen=True)
class Heard:
    """What arrived, by alarm: its states one after another.

    Attributes:
        everything: by whoever is told of all alarms.
        pages: by whoever is called.
    """

    everything: dict[str, list[str]]
    pages: dict[str, list[str]]

    def told_apart(self, expected: Collection[str]) -> dict[str, list[str]]:
        """The first and the last state of each alarm but those that only tell that this machine is slow.

        A pipeline's own pauses are as long as ever, and on a slow machine all of it takes longer: a period of time
        lapse may pass without a sample, so that an alarm is off for a moment. Some that tell of slowness page.

        Args:
            expected: the alarms of the trouble itself.
        """
        left_out = set(OF_SLOWNESS)
        if self.everything.keys() & OF_SLOWNESS:
            left_out.add(UNHEALTHY)
        left_out -= set(expected)
        return {name: [states[0], states[-1]] for name, states in self.everything.items() if name not in left_out}


class Watched:
    """A pipeline with subscribers."""

    def __init__(self, aws: Endpoint, deploy: Callable[..., Pipeline], settings: dict[str, object]) -> None:
        self._names = [f"alarms-{token_hex(4)}-{kind}" for kind in ("all", "pages")]
        self._subscribers = [Subscriber(aws, name) for name in self._names]
        everybody, called = self._subscribers
        self.pipeline = deploy(alarmSubscriptions=[everybody.arn], pageSubscriptions=[called.arn], **settings)
        self.alarms = Alarms(self.pipeline)
        self._before = [0, 0]

    def start(self) -> None:
        """Let time pass faster, and wait until nothing is the matter; what is heard of that is forgotten."""
        endpoint, stack = self.pipeline.deployed.endpoint, stack_of(self.pipeline)
        set_time_lapse(endpoint, stack, HURRY)
        for of_breaker in ("files-receiver", "files-credentials"):
            set_time_lapse(endpoint, stack, HURRY, waits=MINUTE_IN_PERIODS, alarm=of_breaker)
        wait_until(
            "a look into the mailbox", self.alarms.states, lambda found: found["files-mailbox-age"] == "OK", PATIENCE
        )
        self.wait_until_well()
        self._before = [len(subscriber.heard()) for subscriber in self._subscribers]

    def wait_until_well(self) -> Heard:
        """Wait until all alarms are off, and return what was heard when everybody has heard of that."""
        wait_until("all alarms off", self.alarms.on, lambda on: not on, PATIENCE)
        return wait_until("the news of it", self.heard, all_is_well, PATIENCE)

    def heard(self) -> Heard:
        prefix = name_of(self.pipeline, "")
        found: list[dict[str, list[str]]] = []
        for subscriber, before in zip(self._subscribers, self._before, strict=True):
            states: defaultdict[str, list[str]] = defaultdict(list)
            for name, state in subscriber.heard()[before:]:
                states[name.removeprefix(prefix)].append(state)
            found.append({name: fired for name, seen in states.items() if (fired := _since_it_fired(seen))})
        return Heard(*found)

    def leave(self) -> None:
        set_time_lapse(self.pipeline.deployed.endpoint, stack_of(self.pipeline), 1)
        for subscriber in self._subscribers:
            subscriber.leave()


def _since_it_fired(states: list[str]) -> list[str]:
    """Leave out an alarm's first evaluation, of which CloudWatch tells too where it finds all well."""
    return states[states.index("ALARM") :] if "ALARM" in states else []


def all_is_well(heard: Heard) -> bool:
    """Whether the last that was heard of each alarm is that it is off, by whoever is called as well."""
    is_off = all(states[-1] == "OK" for told in (heard.everything, heard.pages) for states in told.values())
    return is_off and heard.pages.keys() >= heard.everything.keys() & {UNHEALTHY}


def told(watched: Watched, trouble: Trouble, expected: set[str], folder: Path) -> Heard:
    """Bring on a trouble, wait for its alarms, repair it, wait until they are off, and return what was heard."""
    watched.start()
    with trouble(watched.pipeline, folder) as go_on:
        # By the news of them, which stay: an alarm may be on for a period of time lapse only, and off when one looks.
        def fired() -> set[str]:
            go_on()
            return set(watched.heard().everything)

        wait_until(f"the news of {expected}", fired, lambda seen: seen >= expected, PATIENCE)
    return watched.wait_until_well()
