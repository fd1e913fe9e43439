"""The courier of the deployed program at an HTTP receiver that goes away, dawdles, changes its locks and refuses."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import make_bundle
from harness.push import Push

from baler.files.bundle.ids import bundle_id_of
from baler.files.courier.breaker import Cause
from sandbox.iam.parties import environment_of
from sandbox.receivers.certificates import Authority
from sandbox.receivers.premises import HttpPremises, running_premises

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import DeployPipeline

    from sandbox.receivers.running_listener import Listener

TOKEN = {"header": "X-Token", "token": "the first one"}
NEXT_TOKEN = {"header": "X-Token", "token": "the second one"}


@pytest.fixture(scope="module")
def shared_push(deploy_pipeline: DeployPipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Push]:
    with running_premises("http", tmp_path_factory.mktemp("listener")) as premises:
        settings = {key.removeprefix("baler:"): value for key, value in premises.settings.items()}
        # The time-out is less than what a test waits for. All have it: where one changed it, a courier that was at work
        # already delivered with the one before.
        push = Push(deploy_pipeline(**{**settings, "filesSendTimeoutSeconds": 3}), premises)
        push.entrust()
        yield push


@pytest.fixture
def push(shared_push: Push) -> Iterator[Push]:
    shared_push.pipeline.forget()
    yield shared_push
    listener_of(shared_push).behave(status=0, delay_seconds=0.0, header="", token="", subjects="")
    shared_push.settle()


def listener_of(push: Push) -> Listener:
    assert isinstance(push.premises, HttpPremises)
    return push.premises.listener


def posts_of(push: Push, key: str) -> list[dict[str, Any]]:
    """What the listener knows of the requests about a bundle, in order."""
    wanted = ["X-Bundle-Id", bundle_id_of(key)]
    return [request for request in listener_of(push).requests() if wanted in request["headers"]]


def test_what_lands_is_posted_acknowledged_noted_and_removed(push: Push) -> None:
    files = push.land(2)
    archived = push.pipeline.archived()
    push.wait_until_delivered(*archived)
    received = push.received()
    assert {key: received.get(key) for key in files} == files
    for key, bundle in archived.items():
        (post,) = posts_of(push, key)
        headers = dict(post["headers"])
        assert headers["X-Content-SHA256"] == bundle.sha256
        assert headers["Content-Type"] == "application/gzip"
        assert headers["Content-Length"] == str(len(bundle.body))
        assert "Content-Encoding" not in headers
        assert push.receipts()[key].attempts == 1
    assert {found_as(push, key) for key in files} == {"delivered"}


def found_as(push: Push, key: str) -> str:
    """What an operator, who names the stack alone, is told of a file."""
    deployed = push.pipeline.deployed
    environment = {**os.environ, **environment_of(deployed, "operator"), "BALER_STACK": deployed.name}
    program = [sys.executable, "-m", "baler.cli.main", "find", key, "--json"]
    done = subprocess.run(program, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)["state"]


def test_an_outage_opens_the_breaker_and_is_over_soon_after_the_receiver_is_back(push: Push) -> None:
    listener_of(push).stop()
    try:
        mailed = push.mail(3)
        open_ = push.wait_until_open(Cause.UNREACHABLE)
        assert open_.reason == "connection-refused"
        push.wait_until_probed()
        assert len(push.waiting()) == 3
    finally:
        listener_of(push).start()
    push.wait_until_delivered(*mailed)
    push.wait_until_closed()
    assert push.quarantined() == set()


def test_a_receiver_that_answers_after_the_time_out_has_each_bundle_once(push: Push) -> None:
    listener_of(push).behave(delay_seconds=6.0)
    mailed = push.mail(2)
    open_ = push.wait_until_open(Cause.UNREACHABLE)
    assert open_.reason == "timeout"
    listener_of(push).behave(delay_seconds=0.0)
    push.wait_until_delivered(*mailed)
    received = push.received()
    assert all(files.items() <= received.items() for files in mailed.values())
    # It was kept by an attempt whose answer came too late, and known again by its id.
    assert any(len(posts_of(push, key)) > 1 for key in mailed)


def test_a_rotation_costs_no_bundle_whoever_changes_first(push: Push) -> None:
    listener = listener_of(push)
    listener.behave(**TOKEN)
    push.entrust()
    push.wait_until_delivered(*push.mail())
    # The secret is the new one already, and the receiver still wants the old one.
    push.entrust({**listener.secret(), **NEXT_TOKEN})
    push.wait_until_delivered(*push.mail())
    # Now the receiver changes as well.
    listener.behave(**NEXT_TOKEN)
    push.wait_until_delivered(*push.mail())
    assert push.quarantined() == set()


def test_a_secret_that_is_wrong_is_survived_by_the_one_before(push: Push) -> None:
    push.entrust(listener_of(push).secret(Authority("strangers").client("courier")))
    with push.with_environment(COURIER_OF="a wrong rotation"):
        push.wait_until_delivered(*push.mail())


def test_a_strangers_certificate_holds_everything_up_and_nothing_is_set_aside(push: Push) -> None:
    stranger = Authority("strangers").client("courier")
    push.betray(listener_of(push).secret(stranger))
    # The courier keeps credentials for minutes, until they are refused: to a new one these are the first.
    with push.with_environment(COURIER_OF="a stranger"):
        mailed = push.mail(2)
        push.wait_until_open(Cause.CREDENTIALS)
        assert push.waiting() == mailed.keys()
        push.entrust()
        push.wait_until_delivered(*mailed)
    assert push.quarantined() == set()


def test_half_a_certificate_is_named_before_anything_is_sent(push: Push) -> None:
    secret = listener_of(push).secret()
    other = listener_of(push).authority.client("courier")
    push.betray({**secret, "key": other.key})
    with push.with_environment(COURIER_OF="half a certificate"):
        mailed = push.mail()
        before = len(listener_of(push).requests())
        open_ = push.wait_until_open(Cause.CREDENTIALS)
        assert open_.reason == "client-credentials-unusable:key-of-another-certificate"
        assert len(listener_of(push).requests()) == before
        push.entrust()
        push.wait_until_delivered(*mailed)


def test_a_bundle_that_is_refused_for_its_own_sake_is_set_aside_while_others_pass(push: Push) -> None:
    poison = push.put_into_mailbox(b"no bundle, but with its own hash")
    push.mail()
    push.wait_until_quarantined(poison)
    push.wait_until_delivered(*push.mail())
    assert [post["outcome"] for post in posts_of(push, poison)] == [422, 422, 422]
    assert push.quarantined() == {poison}
    push.wait_until_closed()


def test_what_is_damaged_in_the_mailbox_is_set_aside_and_never_received(push: Push) -> None:
    _, body = make_bundle([("damaged", b"content")])
    damaged = push.put_into_mailbox(body, sha256=hashlib.sha256(b"something else").hexdigest())
    push.wait_until_quarantined(damaged)
    assert "damaged" not in push.received()
    assert all(post["outcome"] != 200 for post in posts_of(push, damaged))


def test_a_receiver_that_refuses_everything_stops_the_courier_and_loses_nothing(push: Push) -> None:
    listener_of(push).behave(status=422)
    mailed = push.mail(5)
    push.wait_until_open(Cause.REFUSES_EVERYTHING)
    push.wait_until_probed()
    # The first ones may have been refused alone, often enough, before there were others.
    aside = push.quarantined()
    assert len(aside) < push.breaker_opens_after
    assert len(push.waiting()) == 5 - len(aside)
    listener_of(push).behave(status=0)
    push.wait_until_delivered(*mailed.keys() - aside)
    assert push.quarantined() == aside
