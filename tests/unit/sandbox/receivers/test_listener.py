"""The sandbox's receiver, as a process: what it keeps, whom it lets in, and how it fails when it is told to."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from harness.bundles import again, bundle_parcel, bytes_of
from harness.scripted_receiver import http_receiver

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.http.endpoint import ReceiverEndpoint
from sandbox.errors import SandboxError
from sandbox.receivers.behaviour import Behaviour
from sandbox.receivers.running_listener import Listener, running_listener

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from runtime.files.courier.ports import Parcel

FILES = {"a/one.json": b'{"one": 1}', "a/two.json": b"two", "three.bin": b"\x00" * 100_000}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Listener]:
    with running_listener(tmp_path_factory.mktemp("inbox")) as listener:
        yield listener


@pytest.fixture
def listener(running: Listener) -> Generator[Listener]:
    """A good listener, whatever the test before did."""
    yield running
    running.behave(**{name: getattr(Behaviour(), name) for name in Behaviour.__slots__})


def send(listener: Listener, what: Parcel, secret: dict[str, str] | None = None, seconds: float = 20) -> Answer:
    text = json.dumps(listener.secret() if secret is None else secret)
    with http_receiver(ReceiverEndpoint.of(listener.url, listener.address), text) as courier:
        return courier.send(what, time.time() + seconds)


def fresh() -> Parcel:
    return bundle_parcel({key: content + str(time.time_ns()).encode() for key, content in FILES.items()})


def test_a_bundle_is_kept_and_its_files_are_in_their_places(listener: Listener) -> None:
    made = bundle_parcel({f"placed/{key}": content for key, content in FILES.items()})
    assert send(listener, made) == Answer(Meaning.ACCEPTED, "200", 200)
    assert made.delivery.bundle_id in listener.bundles()
    kept = listener.folder / "bundles" / f"{made.delivery.bundle_id}.tar.gz"
    assert kept.read_bytes() == bytes_of(made)
    found = {path.relative_to(listener.received / "placed"): path for path in listener.received.rglob("placed/**/*")}
    assert {str(name): path.read_bytes() for name, path in found.items() if path.is_file()} == FILES


def test_the_same_delivery_again_is_acknowledged_and_a_replay_is_kept_beside_it(listener: Listener) -> None:
    made = fresh()
    for what in (made, again(made), again(made, replay_id="replay-1")):
        assert send(listener, what).meaning is Meaning.ACCEPTED
    name = made.delivery.bundle_id
    assert {found for found in listener.bundles() if found.startswith(name)} == {name, f"{name}+replay-1"}


def test_other_bytes_under_the_same_id_are_a_conflict(listener: Listener) -> None:
    made, other = fresh(), fresh()
    assert send(listener, made).meaning is Meaning.ACCEPTED
    assert send(listener, replace(other, delivery=made.delivery)) == Answer(Meaning.REFUSED, "409", 409)


@pytest.mark.parametrize("wrong", ["hash", "no bundle", "another's id", "no id"])
def test_what_cannot_be_trusted_is_refused_and_not_noted(listener: Listener, wrong: str) -> None:
    made = fresh()
    bad = {
        "hash": replace(made, sha256="0" * 64),
        "no bundle": replace(bundle_parcel(FILES), delivery=made.delivery),
        "another's id": replace(made, delivery=fresh().delivery),
        "no id": replace(made, delivery=replace(made.delivery, bundle_id="../../etc/passwd")),
    }[wrong]
    assert send(listener, bad) == Answer(Meaning.REFUSED, "422", 422)
    assert send(listener, again(made)).meaning is Meaning.ACCEPTED


def test_headers_of_more_than_8_kib_are_refused(listener: Listener) -> None:
    listener.behave(header="X-Token", token="t" * 9000)
    assert send(listener, fresh()) == Answer(Meaning.REFUSED, "431", 431)


@pytest.mark.parametrize("size", [100, 1_000_000])
def test_back_pressure_is_said_before_the_body_is_read(listener: Listener, size: int) -> None:
    listener.behave(status=503, retry_after="7")
    assert send(listener, bundle_parcel({"a": bytes(size)})) == Answer(Meaning.BUSY, "503", 503, 7.0)
    last = listener.requests()[-1]
    assert (last["outcome"], last["body_bytes"]) == (503, 0)


def test_a_subject_must_match_whole_and_is_written_as_java_does(listener: Listener) -> None:
    listener.behave(subjects="O=Baler, CN=cour.*")
    assert send(listener, fresh()).meaning is Meaning.ACCEPTED
    listener.behave(subjects="CN=courier")
    assert send(listener, fresh()) == Answer(Meaning.UNAUTHORIZED, "403", 403)


@pytest.mark.parametrize(
    "behaviour", [{"user": "courier", "password": "test"}, {"header": "X-Token", "token": "a word"}], ids=str
)
def test_a_password_or_a_token_lets_in_and_a_wrong_one_does_not(listener: Listener, behaviour: dict[str, str]) -> None:
    listener.behave(**behaviour)
    right = listener.secret()
    assert send(listener, fresh(), right).meaning is Meaning.ACCEPTED
    wrong = right | {name: "another" for name in ("password", "token") if name in right}
    assert send(listener, fresh(), wrong) == Answer(Meaning.UNAUTHORIZED, "401", 401)


def test_a_receiver_that_keeps_before_it_notes_keeps_again_what_failed(listener: Listener) -> None:
    made = fresh()
    listener.behave(keeps=False)
    assert send(listener, made) == Answer(Meaning.UNREACHABLE, "500", 500)
    listener.behave(keeps=True)
    assert send(listener, again(made)).meaning is Meaning.ACCEPTED
    assert made.delivery.bundle_id in listener.bundles()


def test_a_receiver_that_notes_first_acknowledges_what_it_never_kept(listener: Listener) -> None:
    """What no receiver should do: the courier cannot know, and the bundle is lost."""
    made = fresh()
    listener.behave(keeps=False, notes_first=True)
    assert send(listener, made).meaning is Meaning.UNREACHABLE
    listener.behave(keeps=True)
    assert send(listener, again(made)).meaning is Meaning.ACCEPTED
    assert made.delivery.bundle_id not in listener.bundles()


def test_what_took_effect_and_was_not_answered_is_acknowledged_the_next_time(listener: Listener) -> None:
    made = fresh()
    listener.behave(silent=True)
    assert send(listener, made) == Answer(Meaning.UNREACHABLE, "connection-cut")
    assert made.delivery.bundle_id in listener.bundles()
    listener.behave(silent=False)
    assert send(listener, again(made)).meaning is Meaning.ACCEPTED


def test_one_that_is_slow_has_kept_the_bundle_when_the_courier_gives_up(listener: Listener) -> None:
    made = fresh()
    listener.behave(delay_seconds=2)
    assert send(listener, made, seconds=1) == Answer(Meaning.UNREACHABLE, "timeout")
    listener.behave(delay_seconds=0)
    assert send(listener, again(made)).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("behaviour", [{"knows_expect": False}, {"refuses_expect": True}, {"echoes": True}], ids=str)
def test_one_that_knows_less_of_http_gets_its_bundles_all_the_same(
    listener: Listener, behaviour: dict[str, bool]
) -> None:
    listener.behave(**behaviour)
    assert send(listener, bundle_parcel({"large": bytes(range(256)) * 2000})).meaning is Meaning.ACCEPTED


def test_it_goes_away_and_comes_back_with_what_it_kept(tmp_path: Path) -> None:
    with running_listener(tmp_path, wants_certificate=False) as listener:
        made = fresh()
        assert send(listener, made).meaning is Meaning.ACCEPTED
        listener.stop()
        assert send(listener, again(made)) == Answer(Meaning.UNREACHABLE, "connection-refused")
        listener.start()
        assert send(listener, again(made)).meaning is Meaning.ACCEPTED
        assert listener.bundles() == {made.delivery.bundle_id}
        with pytest.raises(SandboxError, match="running"):
            listener.start()


def test_a_port_that_is_taken_is_named(listener: Listener, tmp_path: Path) -> None:
    with (
        pytest.raises(SandboxError, match=r"listener\.log"),
        running_listener(tmp_path, port=listener.port),
    ):
        pass


@pytest.mark.parametrize(
    "behaviour", [{"user": "u", "password": "test"}, {"header": "X-Token", "token": "hush"}], ids=str
)
def test_no_secret_is_in_its_log(listener: Listener, behaviour: dict[str, str]) -> None:
    listener.behave(**behaviour)
    assert send(listener, fresh()).meaning is Meaning.ACCEPTED
    names = {name.lower() for name, _ in listener.requests()[-1]["headers"]}
    assert "x-bundle-id" in names
    assert not names & {"authorization", "x-token"}


def test_a_new_authority_makes_old_credentials_worthless_and_new_ones_good(tmp_path: Path) -> None:
    with running_listener(tmp_path) as listener:
        old = listener.secret()
        listener.renew()
        assert send(listener, fresh(), old).meaning is Meaning.UNAUTHORIZED
        assert send(listener, fresh()).meaning is Meaning.ACCEPTED
