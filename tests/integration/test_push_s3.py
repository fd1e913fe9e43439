"""The courier of the deployed program at a real S3-compatible store: away, full, with other keys, and occupied."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from harness.consumer import make_bundle
from harness.push import Push

from baler.files.bundle.ids import bundle_key
from baler.files.courier.breaker import Cause
from sandbox.receivers.premises import StorePremises, running_premises
from sandbox.receivers.store import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import DeployPipeline

    from sandbox.receivers.store import Store


@pytest.fixture(scope="module")
def shared_push(deploy_pipeline: DeployPipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Push]:
    with running_premises("s3", tmp_path_factory.mktemp("store")) as premises:
        settings = {key.removeprefix("baler:"): value for key, value in premises.settings.items()}
        push = Push(deploy_pipeline(**settings), premises)
        push.entrust()
        yield push


@pytest.fixture
def push(shared_push: Push) -> Iterator[Push]:
    shared_push.pipeline.forget()
    yield shared_push
    shared_push.settle()


def store_of(push: Push) -> Store:
    assert isinstance(push.premises, StorePremises)
    return push.premises.store


def stored(push: Push) -> dict[str, bytes]:
    """What is in the store's bucket."""
    client, bucket = store_of(push).owner(), store_of(push).bucket
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [item.get("Key", "") for page in pages for item in page.get("Contents", [])]
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_what_lands_is_put_into_the_store_with_its_hash(push: Push) -> None:
    files = push.land(2)
    archived = push.pipeline.archived()
    push.wait_until_delivered(*archived)
    there = stored(push)
    for key, bundle in archived.items():
        assert there[key] == bundle.body
        head = store_of(push).owner().head_object(Bucket=store_of(push).bucket, Key=key)
        assert head["Metadata"]["sha256_checksum"] == bundle.sha256
    received = push.received()
    assert {key: received.get(key) for key in files} == files


def test_an_outage_opens_the_breaker_and_is_over_soon_after_the_store_is_back(push: Push) -> None:
    store_of(push).stop()
    try:
        mailed = push.mail(3)
        push.wait_until_open(Cause.UNREACHABLE)
        assert push.waiting() == mailed.keys()
    finally:
        store_of(push).start()
    push.wait_until_delivered(*mailed)
    push.wait_until_closed()


def test_a_full_store_is_waited_for_and_no_bundle_is_set_aside(push: Push) -> None:
    store_of(push).stop()
    store_of(push).start(full=True)
    try:
        mailed = push.mail(3)
        push.wait_until_open(Cause.UNREACHABLE)
        assert push.waiting() == mailed.keys()
    finally:
        store_of(push).stop()
        store_of(push).start()
    push.wait_until_delivered(*mailed)
    assert push.quarantined() == set()


def test_a_rotation_of_the_keys_costs_no_bundle(push: Push) -> None:
    push.wait_until_delivered(*push.mail())
    keys = Keys.new()
    # The secret first, and the store a moment later.
    push.entrust(store_of(push).secret(keys))
    push.wait_until_delivered(*push.mail())
    store_of(push).use_keys(keys)
    push.wait_until_delivered(*push.mail())
    assert push.quarantined() == set()


def test_keys_that_the_store_does_not_know_hold_everything_up(push: Push) -> None:
    push.betray(store_of(push).secret(Keys.new()))
    with push.with_environment(COURIER_OF="a stranger"):
        mailed = push.mail(2)
        push.wait_until_open(Cause.CREDENTIALS)
        assert push.waiting() == mailed.keys()
        push.entrust()
        push.wait_until_delivered(*mailed)
    assert push.quarantined() == set()


@pytest.mark.parametrize("conditional", ["true", "false"])
def test_what_is_there_already_is_a_success_or_a_named_refusal_with_conditional_puts_and_without(
    push: Push, conditional: str
) -> None:
    client, bucket = store_of(push).owner(), store_of(push).bucket
    with push.with_environment(RECEIVER_CONDITIONAL_PUTS=conditional):
        first = 900 if conditional == "true" else 910
        (same_id, body), (other_id, its_body) = (make_bundle([("file", b"content")], first + n) for n in (0, 1))
        same, other = bundle_key(same_id), bundle_key(other_id)
        metadata = {"sha256_checksum": hashlib.sha256(body).hexdigest()}
        client.put_object(Bucket=bucket, Key=same, Body=body, Metadata=metadata)
        client.put_object(Bucket=bucket, Key=other, Body=b"somebody else's")
        push.put_into_mailbox(body, bundle_id=same_id)
        push.put_into_mailbox(its_body, bundle_id=other_id)
        push.wait_until_quarantined(other)
        push.wait_until_delivered(same)
        there = stored(push)
        assert (there[same], there[other]) == (body, b"somebody else's")
    for key in (same, other):
        client.delete_object(Bucket=bucket, Key=key)
