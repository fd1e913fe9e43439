"""Bundles are staged ahead of their turn and deleted behind it, within bounds, and each keeps its failure to itself."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from harness.consumer import MemoryMailbox, Site, wait_until

from baler.cli.exit_codes import ExitCode
from baler.commands.consume import pipeline, receiver
from baler.commands.consume.crew import AbandonedError, Job, ThreadCrew
from baler.commands.consume.mailbox import MailboxRefusedError, MailboxUnavailableError
from baler.commands.consume.pipeline import MOST_AHEAD, Pipeline
from baler.files.bundle.ids import bundle_key
from baler.files.ledger.ledger import DeliveryState, Ledger, LedgerEntry
from baler.files.ledger.ledger_file import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from baler.commands.consume.mailbox import Content
    from baler.files.ledger.mailbox_object import MailboxObject

BUNDLES = 3 * MOST_AHEAD


def with_threads(_check: Callable[[], None]) -> ThreadCrew:
    return ThreadCrew()


@pytest.fixture
def threaded(tmp_path: Path) -> Site:
    return Site(tmp_path / "received", crew=with_threads)


def fill(site: Site, bundles: int = BUNDLES) -> dict[str, bytes]:
    """Put bundles into the mailbox; return what they hold."""
    contents: dict[str, bytes] = {}
    for number in range(1, bundles + 1):
        files = [(f"{number:03d}/{name}", f"{number} {name}".encode()) for name in "ab"]
        contents.update(files)
        site.mailbox.put_bundle(files, number)
    return contents


def test_with_several_under_way_all_arrive_once_in_the_order_of_the_mailbox_and_are_counted(threaded: Site) -> None:
    contents = fill(threaded)
    ids = sorted(event for event in threaded.mailbox.objects)
    assert threaded.run() is ExitCode.OK
    assert threaded.files() == contents
    assert not threaded.mailbox.objects
    assert [event.fields["key"] for event in threaded.events_of("bundle")] == ids
    [last] = threaded.events_of("stopped")
    assert (last.fields["bundles"], last.fields["files"]) == (BUNDLES, 2 * BUNDLES)
    assert list(threaded.state.incoming.iterdir()) == []
    with Ledger(threaded.state.ledger) as ledger:
        assert len(ledger.in_state(DeliveryState.REMOVED)) == BUNDLES


@dataclass
class Gated(MemoryMailbox):
    """A mailbox that answers nothing before it is opened, and counts the downloads that were begun."""

    opened: threading.Event = field(default_factory=threading.Event)
    begun: list[str] = field(default_factory=list[str])

    @contextmanager
    def get(self, item: MailboxObject) -> Generator[Content]:
        self.begun.append(item.key)
        self.opened.wait(60)
        with super().get(item) as content:
            yield content


def test_downloads_overlap(threaded: Site) -> None:
    threaded.mailbox = mailbox = Gated()
    contents = fill(threaded, 4)

    def open_when_two_wait(step: str) -> None:
        if step == "interruption_point" and len(mailbox.begun) > 1:
            mailbox.opened.set()

    threaded.hook = open_when_two_wait
    assert threaded.run() is ExitCode.OK
    assert threaded.files() == contents


def test_a_stop_does_not_wait_for_a_download_that_hangs(threaded: Site) -> None:
    threaded.mailbox = mailbox = Gated()
    contents = fill(threaded, 4)

    def stop_when_it_hangs(step: str) -> None:
        threaded.shutdown.requested |= step == "interruption_point" and bool(mailbox.begun)

    threaded.hook = stop_when_it_hangs
    assert threaded.run() is ExitCode.STOPPED
    assert not mailbox.opened.is_set()
    assert threaded.files() == {}
    mailbox.opened.set()
    threaded.hook = lambda _: None
    assert threaded.run() is ExitCode.OK
    assert threaded.files() == contents


@pytest.mark.parametrize("error", [MailboxUnavailableError("reset"), MailboxRefusedError("denied")])
def test_a_bundle_that_fails_is_named_and_stops_none_of_those_under_way(threaded: Site, error: Exception) -> None:
    contents = fill(threaded)
    bad = sorted(threaded.mailbox.objects)[5]

    def fail(step: str) -> None:
        if step == f"get {bad}":
            raise error

    threaded.hook = fail
    assert threaded.run() is ExitCode.RETRY
    assert list(threaded.mailbox.objects) == [bad]
    [trouble] = threaded.events_of("error")
    assert trouble.fields["key"] == bad
    threaded.hook = lambda _: None
    assert threaded.run() is ExitCode.OK
    assert threaded.files() == contents


def test_a_bundle_that_is_quarantined_takes_nothing_away_from_those_under_way(threaded: Site) -> None:
    contents = fill(threaded)
    key = sorted(threaded.mailbox.objects)[1]
    threaded.mailbox.put(key, threaded.mailbox.objects[key][2], {"content-sha256": "0" * 64})
    assert threaded.run() is ExitCode.NEEDS_ATTENTION
    assert threaded.files() == {path: content for path, content in contents.items() if not path.startswith("002/")}
    assert list(threaded.mailbox.objects) == [key]


def test_what_concerns_every_bundle_abandons_those_under_way_and_leaves_nothing_of_them(threaded: Site) -> None:
    contents = fill(threaded)

    def fail(step: str) -> None:
        if step == "add_unpacked":
            raise LedgerError("the disk is full")

    threaded.hook = fail
    assert threaded.run() is ExitCode.RETRY
    assert threaded.files() == {}
    assert list(threaded.state.incoming.iterdir()) == []
    assert len(threaded.mailbox.objects) == BUNDLES
    threaded.hook = lambda _: None
    assert threaded.run() is ExitCode.OK
    assert threaded.files() == contents


def test_no_more_than_a_bounded_number_is_staged_ahead(tmp_path: Path) -> None:
    site = Site(tmp_path / "received")
    fill(site)
    most = [0]

    def count(step: str) -> None:
        if step == "add_unpacked":
            most[0] = max(most[0], sum(path.is_dir() for path in site.state.incoming.iterdir()))

    site.hook = count
    assert site.run() is ExitCode.OK
    assert 1 < most[0] <= MOST_AHEAD


def test_no_more_than_a_bounded_number_of_bytes_is_staged_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "received")
    fill(site)
    largest = max(item.size for item, *_ in site.mailbox.objects.values())
    monkeypatch.setattr(pipeline, "MOST_BYTES_AHEAD", 2 * largest)
    most = [0]

    def count(step: str) -> None:
        if step == "add_unpacked":
            most[0] = max(most[0], sum(path.is_dir() for path in site.state.incoming.iterdir()))

    site.hook = count
    assert site.run() is ExitCode.OK
    assert 1 < most[0] <= 3  # the one that exceeds it among them


def test_a_large_bundle_is_taken_in_its_turn_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its object, or by what it unpacks to: a few small archives of zeros must not fill the disk together."""
    site = Site(tmp_path / "received")
    contents = {"zeros": bytes(100_000), "random": random.Random(1).randbytes(5000), "one": b"1", "two": b"2"}  # noqa: S311 - nothing secret
    by_what_it_unpacks_to = site.mailbox.put_bundle([("zeros", contents["zeros"])], 1)
    by_its_object = site.mailbox.put_bundle([("random", contents["random"])], 2)
    by_its_files = site.mailbox.put_bundle([("one", b"1"), ("two", b"2")], 3)
    downloads: Counter[str] = Counter()
    site.hook = lambda step: downloads.update([step.removeprefix("get ")] if step.startswith("get ") else [])
    monkeypatch.setattr(receiver, "MOST_UNPACKED_BYTES_AHEAD", 20_000)
    monkeypatch.setattr(receiver, "MOST_FILES_AHEAD", 1)
    monkeypatch.setattr(pipeline, "MOST_BYTES_AHEAD", 4000)
    assert site.run() is ExitCode.OK
    assert site.files() == contents
    assert site.events_of("quarantine") == []
    assert downloads[bundle_key(by_its_object)] == 1
    # Given up while it was ahead, and fetched again in its turn.
    assert [downloads[bundle_key(bundle_id)] for bundle_id in (by_what_it_unpacks_to, by_its_files)] == [2, 2]


def test_what_was_begun_of_an_abandoned_job_ends_before_the_next_begins_and_what_was_not_never_does() -> None:
    crew = ThreadCrew(1)
    begun, ended = threading.Event(), threading.Event()
    never: list[str] = []

    def work() -> None:
        begun.set()
        try:
            wait_until(lambda: _is_abandoned(crew), "it is abandoned")
        finally:
            ended.set()

    crew.start(work)
    crew.start(lambda: never.append("second"))
    assert begun.wait(60)
    crew.abandon(lambda: None)
    assert ended.is_set()
    assert crew.start(lambda: "next").result(lambda: None) == "next"
    assert never == []
    crew.close()


def _is_abandoned(crew: ThreadCrew) -> bool:
    try:
        crew.check()
    except AbandonedError:
        return True
    return False


class IdleCrew:
    """Takes jobs and never does one."""

    def __init__(self) -> None:
        self.jobs: list[Job[bool]] = []

    def start(self, work: Callable[[], bool]) -> Job[bool]:
        self.jobs.append(Job(work))
        return self.jobs[-1]


def test_deletes_that_do_not_end_are_waited_for_once_there_are_many() -> None:
    crew = IdleCrew()
    row = Pipeline(crew, lambda _item, _id: None, lambda _entry: True)  # pyright: ignore[reportArgumentType]  # of it, only start is used
    for number in range(MOST_AHEAD):
        assert row.next_removal(all_are_begun=False) is None
        row.remove(LedgerEntry(str(number), "", "", 1, 1, 1, ""))
    removal = row.next_removal(all_are_begun=False)
    assert removal is not None
    assert removal.entry.bundle_id == "0"
