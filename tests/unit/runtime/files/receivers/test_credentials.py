"""The receiver's credentials: read seldom, and through a rotation without a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.scripted_receiver import MemorySecret

from baler.files.courier.answer import Answer, Meaning
from baler.store_errors import Refused, Unavailable
from runtime.files.receivers.credentials import KEPT_SECONDS, Credentials, SecretVersion, UnusableCredentialsError

NOW = 1_800_000_000.0
GRACE_SECONDS = 300.0
ACCEPTED = Answer(Meaning.ACCEPTED, "200", 200)
REFUSED = Answer(Meaning.UNAUTHORIZED, "403", 403)

Attempt = Callable[[SecretVersion], Answer]


class World:
    """A secret, a receiver that takes some versions of it, and a clock."""

    def __init__(self, *versions: tuple[str, float]) -> None:
        self.now = NOW
        self.secret = MemorySecret([SecretVersion(name, f"text of {name}", NOW - age) for name, age in versions])
        self.credentials = Credentials(self.secret, GRACE_SECONDS, lambda: self.now)
        self.takes = {"new"}
        self.tried: list[str] = []
        self.repeatable = True

    def attempt(self, version: SecretVersion) -> Answer:
        self.tried.append(version.version_id)
        return ACCEPTED if version.version_id in self.takes else REFUSED

    def send(self) -> Meaning:
        self.tried.clear()
        self.secret.reads.clear()
        return self.credentials.send(self.attempt, lambda: self.repeatable).meaning

    def rotate(self, name: str) -> None:
        self.secret.versions.append(SecretVersion(name, f"text of {name}", self.now))


@pytest.mark.requirement("PUSH-SEC-03", "PUSH-NFR-06")
def test_the_secret_is_read_once_in_five_minutes() -> None:
    world = World(("new", 86_400))
    assert world.send() is Meaning.ACCEPTED
    assert world.secret.reads == ["current"]
    world.now += KEPT_SECONDS - 1
    assert world.send() is Meaning.ACCEPTED
    assert world.secret.reads == []
    world.now += 1
    assert world.send() is Meaning.ACCEPTED
    assert world.secret.reads == ["current"]


def test_a_refusal_reads_the_secret_past_the_cache_and_tries_a_new_version_once() -> None:
    world = World(("old", 86_400))
    world.takes = {"old"}
    world.send()
    world.rotate("new")
    world.takes = {"new"}
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["old", "new"]
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["new"]


def test_within_the_grace_the_version_before_is_tried_and_remembered() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = {"old"}
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["new", "old"]
    assert world.send() is Meaning.ACCEPTED
    assert (world.tried, world.secret.reads) == (["old"], [])


def test_when_the_receiver_has_caught_up_the_new_version_is_used_again() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = {"old"}
    world.send()
    world.takes = {"new"}
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["old", "new"]
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["new"]


def test_after_the_grace_the_version_before_is_not_tried_any_more() -> None:
    world = World(("old", 86_400), ("new", GRACE_SECONDS + 1))
    world.takes = {"old"}
    assert world.send() is Meaning.UNAUTHORIZED
    assert (world.tried, world.secret.reads) == (["new"], ["current", "current"])


def test_a_version_before_that_worked_is_left_when_the_grace_is_over() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = {"old"}
    world.send()
    world.now += KEPT_SECONDS
    assert world.send() is Meaning.UNAUTHORIZED
    assert world.tried == ["new"]


def test_the_grace_of_a_version_that_was_made_long_before_it_came_into_force_begins_when_it_did() -> None:
    world = World(("old", 86_400))
    world.takes = {"old"}
    world.send()
    world.secret.versions.append(SecretVersion("new", "made a day ago, and current only now", NOW - 80_000))
    world.now += KEPT_SECONDS
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["new", "old"]


def test_at_most_two_attempts_are_made_and_the_next_send_begins_with_the_version_in_force() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = set()
    for _ in range(3):
        assert world.send() is Meaning.UNAUTHORIZED
        assert world.tried == ["new", "old"]


def test_what_cannot_be_sent_again_is_sent_with_the_other_version_the_next_time() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = {"old"}
    world.repeatable = False
    assert world.send() is Meaning.UNAUTHORIZED
    assert world.tried == ["new"]
    assert world.send() is Meaning.ACCEPTED
    assert world.tried == ["old"]


def test_another_threads_switch_is_used_without_asking_again() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = {"old"}
    inner: list[str] = []

    def meanwhile(version: SecretVersion) -> Answer:
        if not inner:
            inner.append("begun")
            world.credentials.send(world.attempt, lambda: True)
            world.secret.reads.clear()
        return world.attempt(version)

    assert world.credentials.send(meanwhile, lambda: True).meaning is Meaning.ACCEPTED
    assert world.tried == ["new", "old", "new", "old"]
    assert world.secret.reads == []


@pytest.mark.parametrize(("takes", "tries"), [(set[str](), 4 + 1), ({"old"}, 4 + 4)])
def test_of_sends_that_are_refused_at_the_same_time_one_tries_the_other_version(takes: set[str], tries: int) -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = takes
    all_are_out = threading.Barrier(4, timeout=60)

    def attempt(version: SecretVersion) -> Answer:
        if version.version_id == "new":
            all_are_out.wait()
        return world.attempt(version)

    with ThreadPoolExecutor(4) as threads:
        sends = [threads.submit(world.credentials.send, attempt, lambda: True) for _ in range(4)]
        answers = [send.result() for send in sends]
    assert {answer.meaning for answer in answers} == {Meaning.ACCEPTED if takes else Meaning.UNAUTHORIZED}
    assert len(world.tried) == tries
    # A send of its own tries both again.
    world.takes = {"old"}
    assert world.credentials.send(world.attempt, lambda: True) == ACCEPTED


def test_other_answers_are_no_matter_of_credentials() -> None:
    world = World(("old", 86_400), ("new", 10))
    busy = Answer(Meaning.BUSY, "503", 503)
    assert world.credentials.send(lambda _: busy, lambda: True) == busy
    assert world.secret.reads == ["current"]


def test_unusable_credentials_are_named_and_a_better_version_is_tried_at_once() -> None:
    world = World(("bad", 86_400))

    def attempt(version: SecretVersion) -> Answer:
        if version.version_id == "bad":
            raise UnusableCredentialsError("key-encrypted")
        return ACCEPTED

    assert world.credentials.send(attempt, lambda: True) == Answer(
        Meaning.UNAUTHORIZED, "client-credentials-unusable:key-encrypted"
    )
    world.rotate("new")
    assert world.credentials.send(attempt, lambda: True) == ACCEPTED


def test_a_secret_without_a_value_is_named() -> None:
    world = World()
    answer = world.credentials.send(world.attempt, lambda: True)
    assert answer == Answer(Meaning.UNAUTHORIZED, "client-credentials-unusable:secret-without-value")
    assert world.tried == []
    assert world.credentials.age_seconds is None


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (Refused("no", "AccessDeniedException"), "AccessDeniedException"),
        (Unavailable("timed out"), "secret-unavailable"),
    ],
)
def test_a_secret_that_cannot_be_read_is_named(failure: Exception, why: str) -> None:
    world = World(("new", 1))
    world.secret.failure = failure
    answer = world.credentials.send(world.attempt, lambda: True)
    assert answer == Answer(Meaning.UNAUTHORIZED, f"client-credentials-unusable:{why}")
    assert world.tried == []


def test_what_was_read_is_used_on_while_secrets_manager_is_out_of_reach() -> None:
    world = World(("new", 86_400))
    world.send()
    world.now += 10 * KEPT_SECONDS
    world.secret.failure = Unavailable("timed out")
    assert world.send() is Meaning.ACCEPTED


def test_the_age_is_that_of_the_version_in_force_whichever_is_used() -> None:
    world = World(("old", 86_400), ("new", 10))
    world.takes = {"old"}
    world.send()
    assert world.credentials.age_seconds == 10
    world.now += 100
    assert world.credentials.age_seconds == 110


def test_a_secret_does_not_show_in_a_traceback() -> None:
    assert "text of" not in repr(World(("new", 1)).secret.versions)
