"""Each way in which a file can be lost, doubled or damaged is seen."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from harness.stores import Stored

from baler.files.reason import Reason
from runtime.files.aggregator.isolation import KILLS
from simulation.ingest_queue import IngestQueue, Queued
from simulation.invariants import Harm, Invariants, Violation
from simulation.workload import Announcement, File, Workload

FILE = File("k0", "v0", b"hello", 0.0)
MESSAGE = Announcement(0, 0.0, (FILE,))
POISON = Announcement(1, 0.0, ())
WORKLOAD = Workload(1, 1, 1000, (MESSAGE, POISON), 0, None, 7, prompt_ttl=False)
ONE = "20261120T090000000Z-0000000000000001"
TWO = "20261120T090000000Z-0000000000000002"
STORED = Stored(b"bytes", hashlib.sha256(b"bytes").hexdigest(), (("k0", "v0"),))


class Watched:
    """The invariants of one file, and the buckets that they watch."""

    def __init__(self) -> None:
        self.archive: dict[str, Stored | None] = {}
        self.mailbox: dict[str, Stored] = {}
        self.invariants = Invariants(WORKLOAD, self.archive, self.mailbox)

    def archived(self, bundle_id: str = ONE, stored: Stored | None = STORED) -> None:
        self.archive[bundle_id] = stored
        self.invariants.after_archive_write()

    def mailed(self, stored: Stored = STORED) -> None:
        self.mailbox[ONE] = stored
        self.invariants.after_mailbox_write()

    def published(self, content: bytes = b"hello", key: str = "k0") -> None:
        self.invariants.published(key, "v0", content)

    def at_the_end(self, *waiting: Announcement, landing: tuple[str, ...] = ()) -> None:
        queue = IngestQueue(130.0)
        for message in waiting:
            queue.send(message, 0.0)
        self.invariants.at_the_end(queue, landing)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def violated(harm: Harm, what: str) -> pytest.RaisesExc[Violation]:
    return pytest.RaisesExc(Violation, match=f"{harm}: .*{what}")


def test_a_file_that_went_its_way_violates_nothing(watched: Watched) -> None:
    watched.archived()
    watched.mailed()
    watched.invariants.before_deletion(MESSAGE)
    watched.published()
    watched.at_the_end()


def test_a_file_that_nobody_can_fetch_may_wait_in_a_queue(watched: Watched) -> None:
    watched.at_the_end(MESSAGE)


def test_a_message_deleted_before_its_file_is_archived_and_mailed(watched: Watched) -> None:
    with violated(Harm.LOST, "in no archived bundle"):
        watched.invariants.before_deletion(MESSAGE)
    watched.archived()
    with violated(Harm.LOST, "never in the mailbox"):
        watched.invariants.before_deletion(MESSAGE)


def test_poison_that_is_deleted(watched: Watched) -> None:
    with violated(Harm.LOST, "poison"):
        watched.invariants.before_deletion(POISON)


def test_a_message_of_which_a_copy_is_among_the_dead_letters_may_be_deleted(watched: Watched) -> None:
    watched.invariants.before_deletion(POISON, moved=True)


def test_a_message_that_is_said_to_kill_and_did_not(watched: Watched) -> None:
    message = Queued("m0", MESSAGE, 0.0, 0.0, crashes=KILLS)
    watched.invariants.before_rejection(message, Reason.KILLS)
    message.crashes -= 1
    watched.invariants.before_rejection(message, Reason.OBJECT_MISSING)
    with violated(Harm.MISJUDGED, "never killed"):
        watched.invariants.before_rejection(message, Reason.KILLS)


def test_a_file_in_two_archived_bundles(watched: Watched) -> None:
    watched.archived()
    with violated(Harm.DUPLICATED, "is in bundle 1 and in bundle 2"):
        watched.archived(TWO)


def test_a_bundle_that_is_overwritten_in_the_archive(watched: Watched) -> None:
    watched.archived()
    with violated(Harm.DAMAGED, "overwritten in the archive"):
        watched.archived(stored=replace(STORED))
    with violated(Harm.LOST, "overwritten by a fence"):
        watched.archived(stored=None)


def test_a_bundle_whose_hash_is_not_that_of_its_bytes(watched: Watched) -> None:
    with violated(Harm.DAMAGED, "hash"):
        watched.archived(stored=replace(STORED, body=b"other"))


def test_a_bundle_of_a_file_that_never_landed(watched: Watched) -> None:
    with violated(Harm.DAMAGED, "never landed"):
        watched.archived(stored=replace(STORED, identities=(("k9", "v0"),)))


def test_a_bundle_in_the_mailbox_that_is_not_the_archived_one(watched: Watched) -> None:
    with violated(Harm.DAMAGED, "not in the archive"):
        watched.mailed()
    watched.archived()
    with violated(Harm.DAMAGED, "differs"):
        watched.mailed(replace(STORED, body=b"other"))


def test_a_file_published_twice_or_with_other_bytes(watched: Watched) -> None:
    with violated(Harm.DAMAGED, "other bytes"):
        watched.published(b"other")
    with violated(Harm.DUPLICATED, "twice"):
        watched.published()


def test_an_archived_bundle_that_never_reached_mailbox_or_consumer(watched: Watched) -> None:
    watched.archived()
    with violated(Harm.LOST, "never in the mailbox"):
        watched.at_the_end()
    watched.mailed()
    with violated(Harm.LOST, "never published"):
        watched.at_the_end()


def test_a_file_that_is_nowhere_or_is_left_though_it_could_be_fetched(watched: Watched) -> None:
    with violated(Harm.LOST, "in no queue"):
        watched.at_the_end()
    with violated(Harm.LOST, "can be fetched"):
        watched.at_the_end(MESSAGE, landing=(FILE.identity,))
