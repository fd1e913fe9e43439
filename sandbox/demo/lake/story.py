"""What happens to the sources in the demo, step by step, and what each step has to show."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from baler.lake.announcement import Announcement, message_of
from sandbox.demo.lake.expected import expected_of
from sandbox.demo.lake.found import counters_of, raw_count, raw_objects_of, records_of
from sandbox.demo.lake.result import Check
from sandbox.demo.lake.settle import seconds_until, wait_until_settled
from sandbox.sources.faults import FaultKind
from sandbox.sources.running import PEOPLE, POSTS, TIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.demo.lake.http_api import LakeApi
    from sandbox.demo.lake.schedule import Schedule, SourceRun
    from sandbox.deployed import DeployedLake
    from sandbox.engine.endpoint import Endpoint
    from sandbox.sources.running import Sources

_POST: Final = 7
_POST_ID: Final = f"jsonplaceholder-{_POST}"
_AT_ONCE: Final = 10


class Story:
    """The steps, to be called in their order.

    Args:
        aws: clients of an operator.
        deployed: the stack.
        sources: its sources.
        schedule: its rule.
        api: its API.
        say: called with a line for each step.

    Attributes:
        checks: what the steps had to show, so far.
        latencies: seconds from an event to what it brought in the API's answers, by the step.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a deployed lake
        self,
        aws: Endpoint,
        deployed: DeployedLake,
        sources: Sources,
        schedule: Schedule,
        api: LakeApi,
        say: Callable[[str], None],
    ) -> None:
        self._aws = aws
        self._deployed = deployed
        self._sources = sources
        self._schedule = schedule
        self._api = api
        self._say = say
        self.checks: list[Check] = []
        self.latencies: dict[str, float | None] = {}

    def first_fetch(self) -> None:
        """Fetch both sources for the first time."""
        runs = self._fetch("first fetch", self._all_is_counted)
        self._check("both sources are fetched", all(runs[name].well for name in (POSTS, PEOPLE)))
        self._say(f"The rule is fired: {self._api.analytics()['total']} records.")

    def nothing_new(self) -> None:
        """Fetch again: one source has nothing new, and the other has other people."""
        posts, people = self._raw(POSTS), self._raw(PEOPLE)
        self._fetch("other people", self._all_is_counted)
        self._check("a source that has nothing new gets no raw object", self._raw(POSTS) == posts)
        self._check("a source that has other records gets one", self._raw(PEOPLE) > people)
        self._say("It is fired again: nothing new of the posts, and other people.")

    def goes_back(self) -> None:
        """Change a post, change it again, and go back to the first change."""
        before = self._raw(POSTS)
        for name, title in (("red", "red"), ("blue", "blue"), ("red again", "red")):
            self._sources.posts.set_title(_POST, title)
            self._fetch(f"a post is {name}", lambda title=title: self._title() == title)
        self._check("each state of a source that goes back is kept in raw", self._raw(POSTS) == before + 3)
        self._check("a source that goes back is followed", self._title() == "red")
        self._say("A post is red, blue, and red again.")

    def fails_once(self) -> None:
        """Let one source answer that something has gone wrong, with status 200, and recover."""
        people = self._raw(PEOPLE)
        self._sources.stand_ins[PEOPLE].fail(FaultKind.ERROR)
        self._sources.posts.add("A post beside a failure")
        runs = self._fetch("a post beside a failure", self._all_is_counted)
        self._check("a 200 that is no answer is a failed run, by name", runs[PEOPLE].reason == "no-records")
        self._check("a failed run puts nothing into raw", self._raw(PEOPLE) == people)
        self._check("the other source is untouched", runs[POSTS].well and not runs[POSTS].failures)
        self._sources.stand_ins[PEOPLE].recover()
        runs = self._fetch("a source that recovered", self._all_is_counted)
        self._check("the source recovers by itself", runs[PEOPLE].well and not runs[PEOPLE].failures)
        self._say("One source failed, the other did not notice, and it recovered.")

    def third_source(self, deploy_again: Callable[[], None]) -> None:
        """Add a source to the file of declarations, and deploy once more."""
        posts = self._raw(POSTS)
        self._sources.declare_third()
        deploy_again()
        runs = self._fetch("a third source", self._all_is_counted, TIDES)
        self._check("a third source is there by ten lines of declaration", runs[TIDES].well)
        self._check("the sources that were there notice nothing of it", self._raw(POSTS) == posts)
        self._say(f"A third source is declared: {self._api.analytics()['by_source'][TIDES]} readings, in three pages.")

    def delivered_twice(self) -> None:
        """Announce every raw object once more, the newest first."""
        self._sources.fall_silent()  # the clock may fire the rule meanwhile
        wait_until_settled(self._aws, self._deployed)
        records, counters = records_of(self._aws, self._deployed), counters_of(self._aws, self._deployed)
        raw = sorted(raw_objects_of(self._aws, self._deployed), key=lambda each: each.captured_at, reverse=True)
        bodies = [
            message_of(Announcement(each.key, each.version, time.time()), self._deployed.raw_bucket) for each in raw
        ]
        for start in range(0, len(bodies), _AT_ONCE):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies[start : start + _AT_ONCE])]
            self._aws.sqs.send_message_batch(QueueUrl=self._deployed.curation_queue_url, Entries=entries)  # pyright: ignore[reportArgumentType]  # a list of its dictionaries
        wait_until_settled(self._aws, self._deployed)
        same = records_of(self._aws, self._deployed) == records
        counted = counters_of(self._aws, self._deployed) == counters
        self._check("messages that come twice change no record", same)
        self._check("messages that come twice count nothing twice", counted)
        self._sources.recover()
        self._say(f"{len(bodies)} messages are delivered a second time, the newest first.")

    def run_beside_a_run(self) -> None:
        """Send one event twice at once."""
        at = self._schedule.next_time()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._schedule.fire, [at, at]))
        seconds_until(lambda: self._done_for(at), time.monotonic())
        self._until_counted()
        times = Counter(each.captured_at for each in raw_objects_of(self._aws, self._deployed) if each.source == PEOPLE)
        self._check("an event that comes twice at once is one fetch", times[at] == 1)
        self._say("One event came twice at once.")

    def _fetch(self, name: str, is_there: Callable[[], bool], *more: str) -> Mapping[str, SourceRun]:
        """Have all sources fetched, and note how long it took until something was there."""
        since = time.monotonic()
        runs = self._schedule.fire_and_wait([POSTS, PEOPLE, *more])
        self.latencies[name] = seconds_until(is_there, since)
        return runs

    def _all_is_counted(self) -> bool:
        sent = {name: stand_in.sent for name, stand_in in self._sources.stand_ins.items()}
        return self._api.analytics()["total"] == len(expected_of(sent))

    def _until_counted(self) -> None:
        seconds_until(self._all_is_counted, time.monotonic())

    def _done_for(self, at: str) -> bool:
        runs = self._schedule.runs()
        return all(runs[name].over and runs[name].last_event >= at for name in self._sources.stand_ins)

    def _title(self) -> str:
        record = self._api.record(_POST_ID)
        return record["title"] if record else ""

    def _raw(self, source: str) -> int:
        return raw_count(self._aws, self._deployed, source)

    def _check(self, name: str, met: bool) -> None:  # noqa: FBT001 - what is checked
        self.checks.append(Check(name, met))
