"""Several consumers of one mailbox: one works, another takes over, and each file arrives once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import boto3
import pytest
from harness.consumer import Crash, InlineCrew, MemoryMailbox, Site
from moto import mock_aws

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Shutdown
from baler.commands.consume.consumer import Consumer
from baler.commands.consume.crew import Job
from baler.commands.consume.dynamodb_lease import DynamoDbLeaseTable, dynamodb_client
from baler.commands.consume.lease import (
    Earlier,
    LeaseError,
    LeaseItem,
    LeaseLostError,
    LeaseRefusedError,
    StandbyLease,
    running_seconds,
)
from baler.commands.consume.publication import Publication
from baler.commands.consume.publisher import Publisher
from baler.commands.consume.publisher_parts import PublisherParts
from baler.commands.consume.receiver import Receiver
from baler.commands.consume.state import prepare
from baler.commands.consume.whole_bundle import WholeBundlePublisher
from baler.files.ledger.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from baler.commands.consume.crew import Crew

T = TypeVar("T")

FILES = [(f"k{number}", b"%d" % number) for number in range(5)]
SECONDS = 30.0


@dataclass
class MemoryTable:
    """A lease table that can be out of reach, before or after it has done what was asked."""

    item: LeaseItem | None = None
    deliveries: dict[str, tuple[str, str, bool]] = field(default_factory=dict[str, tuple[str, str, bool]])
    silent: bool = False
    deaf: bool = False

    def read(self) -> LeaseItem | None:
        self._answer()
        return self.item

    def write(self, item: LeaseItem, *, expected: LeaseItem | None) -> bool:
        if self.deaf:
            raise LeaseError("out of reach")
        matches = self.item == expected
        if matches:
            self.item = item
        self._answer()
        return matches

    def begin(self, delivery: str, consumer: str, host: str) -> Earlier | None:
        self._answer()
        before = self.deliveries.get(delivery)
        if before is not None and before[2]:
            return Earlier(before[1], delivered=True)
        self.deliveries[delivery] = (consumer, host, False)
        return None if before is None or before[0] == consumer else Earlier(before[1], delivered=False)

    def end(self, delivery: str, consumer: str, host: str) -> None:
        self._answer()
        self.deliveries[delivery] = (consumer, host, True)

    def _answer(self) -> None:
        if self.silent or self.deaf:
            raise LeaseError("out of reach")


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lease(table: MemoryTable, clock: Clock, name: str) -> StandbyLease:
    return StandbyLease(table, name, f"host-{name}", SECONDS, clock)


def test_one_holds_it_and_another_takes_over_within_a_minute_of_its_death(table: MemoryTable, clock: Clock) -> None:
    first, second = lease(table, clock, "a"), lease(table, clock, "b")
    assert first.hold()
    died_at = clock.seconds
    while not second.hold():
        clock.seconds += second.renewal_seconds or 0
    assert SECONDS < clock.seconds - died_at < 60
    with pytest.raises(LeaseLostError):
        first.check()
    assert not first.hold()


def test_as_long_as_it_is_renewed_nobody_takes_over(table: MemoryTable, clock: Clock) -> None:
    first, second = lease(table, clock, "a"), lease(table, clock, "b")
    assert first.hold()
    for _ in range(100):
        clock.seconds += 5
        first.renew_if_due()
        first.check()
        assert not second.hold()


def test_one_that_is_let_go_of_is_taken_at_once(table: MemoryTable, clock: Clock) -> None:
    first, second = lease(table, clock, "a"), lease(table, clock, "b")
    assert first.hold()
    assert not second.hold()
    first.release()
    assert second.hold()
    assert not first.hold()


def test_a_process_that_was_stopped_past_its_lease_may_do_nothing(table: MemoryTable, clock: Clock) -> None:
    first = lease(table, clock, "a")
    assert first.hold()
    clock.seconds += SECONDS
    with pytest.raises(LeaseLostError):
        first.check()
    with pytest.raises(LeaseLostError):
        first.renew_if_due()


def test_while_the_table_is_out_of_reach_it_is_held_until_it_runs_out_and_no_longer(
    table: MemoryTable, clock: Clock
) -> None:
    first, second = lease(table, clock, "a"), lease(table, clock, "b")
    assert first.hold()
    table.deaf = True
    clock.seconds += SECONDS - 1
    first.renew_if_due()
    first.check()
    clock.seconds += 1
    with pytest.raises(LeaseLostError):
        first.check()
    with pytest.raises(LeaseError):
        second.hold()


def test_a_renewal_whose_answer_was_lost_does_not_cost_the_lease(table: MemoryTable, clock: Clock) -> None:
    first = lease(table, clock, "a")
    assert first.hold()
    clock.seconds += 12
    table.silent = True
    first.renew_if_due()  # took effect, and nothing was heard of it
    table.silent = False
    clock.seconds += 6
    first.renew_if_due()
    clock.seconds += SECONDS - 1
    first.check()


def test_a_question_of_another_thread_takes_nothing_from_a_renewal_that_is_under_way(clock: Clock) -> None:
    """It runs out while the table is asked, is found so by whoever deletes, and is ours all the same."""

    passing = [0.0]

    class Slow(MemoryTable):
        def write(self, item: LeaseItem, *, expected: LeaseItem | None) -> bool:
            clock.seconds += passing.pop()
            with pytest.raises(LeaseLostError):
                first.check()
            return super().write(item, expected=expected)

    table = Slow()
    first = lease(table, clock, "a")
    assert first.hold()
    assert table.item is not None
    table.item = replace(table.item, beat=table.item.beat + 1)  # by a renewal of which nothing was heard
    clock.seconds += SECONDS / 2
    passing += [0.0, SECONDS]
    first.renew_if_due()
    first.check()


def test_two_that_wait_do_not_both_take_over(table: MemoryTable, clock: Clock) -> None:
    first, second, third = (lease(table, clock, name) for name in "abc")
    assert first.hold()
    assert not second.hold()
    assert not third.hold()
    clock.seconds += 2 * SECONDS
    assert [second.hold(), third.hold()] == [True, False]


def test_the_clock_goes_on_while_the_machine_sleeps() -> None:
    assert running_seconds() <= running_seconds()


# --- the service under a lease


@dataclass
class Host:
    """A machine with a folder and a ledger of its own, and the mailbox that it shares."""

    name: str
    site: Site
    lease: StandbyLease
    crew: Crew | None = None

    def run(self) -> None:
        """One pass, as long as the lease is held."""
        _, state = prepare(self.site.into, self.site.state.path)
        shutdown = Shutdown()
        with Ledger(state.ledger) as ledger:
            self.lease._consumer = self.name  # pyright: ignore[reportPrivateUsage]  # the same host in every process

            def interruption_point() -> None:
                self.site.hook("interruption_point")
                self.lease.renew_if_due()

            def fence() -> None:
                self.site.hook("fence")
                self.lease.check()

            self.site.mailbox.hook = self.site.hook
            parts = PublisherParts(ledger, state, self.site.into, interruption_point, fence)
            code = Consumer(
                mailbox=self.site.mailbox,
                ledger=ledger,
                state=state,
                receiver=Receiver(self.site.mailbox, ledger, state, self.site.limits, interruption_point),
                publisher=Publication(Publisher(parts), WholeBundlePublisher(parts)),
                shutdown=shutdown,
                report=self.site.events.append,
                lease=self.lease,
                crew=self.crew,
            ).run(once=True, poll_seconds=5)
            assert code in {ExitCode.OK, ExitCode.RETRY}


@pytest.fixture
def hosts(tmp_path: Path, table: MemoryTable, clock: Clock) -> tuple[Host, Host]:
    mailbox = MemoryMailbox()
    return tuple(  # pyright: ignore[reportReturnType]  # two
        Host(name, Site(tmp_path / name / "received", mailbox), lease(table, clock, name)) for name in "ab"
    )


def make_folders(*hosts: Host) -> None:
    for host in hosts:
        host.site.into.parent.mkdir(parents=True, exist_ok=True)


def arrived(*hosts: Host) -> list[bytes]:
    return sorted(content for host in hosts for content in host.site.files().values())


def test_whoever_stands_by_touches_nothing(hosts: tuple[Host, Host]) -> None:
    first, second = hosts
    make_folders(*hosts)
    assert first.lease.hold()
    first.site.mailbox.put_bundle(FILES)
    second.run()
    assert arrived(second) == []
    assert len(first.site.mailbox.objects) == 1
    assert [event.kind for event in second.site.events] == ["standby", "stopped"]


def test_what_another_host_has_delivered_is_not_delivered_again(
    hosts: tuple[Host, Host], clock: Clock, table: MemoryTable
) -> None:
    """It died between its delivery and the delete; and once more when a roll-forward puts the bundle again."""
    first, second = hosts
    make_folders(*hosts)
    first.site.mailbox.put_bundle(FILES)

    def die(step: str) -> None:
        if step.startswith("delete "):
            raise Crash

    first.site.hook = die
    with pytest.raises(Crash):
        first.run()
    first.site.hook = lambda _: None
    clock.seconds += 2 * SECONDS
    table.item = None
    second.run()
    assert second.site.files() == {}
    assert not second.site.mailbox.objects

    first.site.mailbox.put_bundle(FILES)
    second.run()
    assert (second.site.files(), second.site.mailbox.objects) == ({}, {})
    assert arrived(*hosts) == sorted(content for _, content in FILES)


@pytest.mark.parametrize("published", range(len(FILES)))
def test_a_consumer_that_is_stopped_past_its_lease_publishes_nothing_more(
    hosts: tuple[Host, Host], clock: Clock, table: MemoryTable, published: int
) -> None:
    """SIGSTOP right before a file is moved; the other host takes over and finishes; SIGCONT."""
    first, second = hosts
    make_folders(*hosts)
    bundle_id = first.site.mailbox.put_bundle(FILES)
    left = [published + 1]

    def stopped(step: str) -> None:
        left[0] -= step == "fence"
        if step == "fence" and left[0] == 0:
            clock.seconds += 2 * SECONDS
            item, table.item = table.item, None
            second.run()
            table.item = second.lease._held or item  # pyright: ignore[reportPrivateUsage]  # it goes on holding it

    first.site.hook = stopped
    first.run()
    assert len(first.site.files()) == published
    assert arrived(second) == sorted(content for _, content in FILES)
    [takeover] = second.site.events_of("takeover")
    assert bundle_id in takeover.text
    assert "host-a" in takeover.text

    # And when the lease is its own again, it knows that the bundle was delivered.
    first.site.hook = lambda _: None
    table.item = None
    first.run()
    assert len(first.site.files()) == published
    assert list(first.site.state.incoming.iterdir()) == []


class LateJob(Job[T]):
    """Is done when its result is asked for."""

    def wait(self, interruption_point: Callable[[], None]) -> None:
        del interruption_point
        self.run()


class Overworked(InlineCrew):
    """Does so many jobs at once, and each other when its result is asked for.

    Args:
        jobs: how many.
        check: what its jobs call often.
    """

    def __init__(self, jobs: int, check: Callable[[], None] = lambda: None) -> None:
        super().__init__(check)
        self.jobs = jobs

    def start(self, work: Callable[[], T]) -> Job[T]:
        self.jobs -= 1
        return super().start(work) if self.jobs >= 0 else LateJob(work)


def test_a_host_that_dies_with_many_deletes_to_do_leaves_only_the_bundle_at_hand_to_the_other(
    hosts: tuple[Host, Host], clock: Clock, table: MemoryTable
) -> None:
    first, second = hosts
    make_folders(*hosts)
    bundles = [[(f"{number}/{key}", content) for key, content in FILES] for number in range(4)]
    for number, files in enumerate(bundles):
        first.site.mailbox.put_bundle(files, number)
    first.crew = Overworked(len(bundles))  # all are staged, and no delete is begun
    left = [3 * len(FILES) + 1]

    def die(step: str) -> None:
        left[0] -= step == "fence"
        if left[0] == 0:
            raise Crash

    first.site.hook = die
    with pytest.raises(Crash):
        first.run()
    clock.seconds += 2 * SECONDS
    table.item = None
    second.run()
    assert second.site.files() == dict(bundles[3])
    assert arrived(*hosts) == sorted(content for files in bundles for _, content in files)
    assert not second.site.mailbox.objects


def test_a_delete_that_waits_past_the_lease_is_not_done(hosts: tuple[Host, Host], clock: Clock) -> None:
    """The other host has taken over by then: what lies under the key may be a replay."""
    first, _ = hosts
    make_folders(*hosts)
    first.site.mailbox.put_bundle(FILES)

    def sleep() -> None:
        clock.seconds += 2 * SECONDS if first.site.files() else 0

    first.crew = Overworked(1, sleep)  # the one that stages
    first.run()
    assert arrived(first) == sorted(content for _, content in FILES)
    assert len(first.site.mailbox.objects) == 1


def test_a_bundle_stays_in_the_mailbox_until_its_delivery_is_noted_in_the_table(
    hosts: tuple[Host, Host], table: MemoryTable
) -> None:
    first, _ = hosts
    make_folders(*hosts)
    first.site.mailbox.put_bundle(FILES)

    def cut_off(step: str) -> None:
        table.silent = table.silent or step == "fence"

    first.site.hook = cut_off
    first.run()
    assert len(first.site.mailbox.objects) == 1
    first.site.hook = lambda _: None
    table.silent = False
    first.run()
    assert not first.site.mailbox.objects
    assert arrived(first) == sorted(content for _, content in FILES)


# --- the table in DynamoDB


@pytest.fixture
def real(aws_settings: None) -> Iterator[DynamoDbLeaseTable]:  # noqa: ARG001 - sets the environment
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="lease",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoDbLeaseTable(dynamodb_client(), "lease")


def test_the_lease_in_dynamodb_is_written_only_over_what_was_read(real: DynamoDbLeaseTable) -> None:
    assert real.read() is None
    mine = LeaseItem("me", "here", 1, 0)
    assert real.write(mine, expected=None)
    assert not real.write(LeaseItem("you", "there", 1, 0), expected=None)
    assert real.read() == mine
    renewed = LeaseItem("me", "here", 1, 1)
    assert real.write(renewed, expected=mine)
    assert not real.write(LeaseItem("you", "there", 2, 0), expected=mine)
    assert real.read() == renewed


def test_a_delivery_in_dynamodb_is_begun_again_until_it_is_finished(real: DynamoDbLeaseTable) -> None:
    assert real.begin("b", "a", "host-a") is None
    assert real.begin("b", "a", "host-a") is None
    assert real.begin("b", "z", "host-z") == Earlier("host-a", delivered=False)
    real.end("b", "z", "host-z")
    assert real.begin("b", "a", "host-a") == Earlier("host-z", delivered=True)
    assert real.begin("b r-1", "a", "host-a") is None


def test_a_table_that_is_not_there_is_a_sentence(real: DynamoDbLeaseTable) -> None:
    missing = DynamoDbLeaseTable(real._client, "nowhere")  # pyright: ignore[reportPrivateUsage]  # the same client
    with pytest.raises(LeaseRefusedError, match="lease table 'nowhere'"):
        missing.read()
