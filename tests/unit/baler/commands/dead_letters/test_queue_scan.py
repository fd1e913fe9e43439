"""How the dead-letter queue is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baler.aws.queue_scan import HIDDEN_SECONDS, QueueScan

if TYPE_CHECKING:
    from conftest import Yard


def test_each_message_is_read_once_and_seen_by_everybody_after(yard: Yard) -> None:
    bodies = [f"message {number}" for number in range(25)]
    for body in bodies:
        yard.bury(body)
    with yard.read() as scan:
        read = [letter.body for letters in scan.batches() for letter in letters]
        assert yard.visible(yard.dead) == []
    assert sorted(read) == sorted(bodies)
    assert len(yard.visible(yard.dead)) == 10
    with yard.read() as scan:
        assert scan.depth().messages == 25


def test_what_was_read_is_handed_back_when_the_reader_fails(yard: Yard) -> None:
    yard.bury("body")

    def fail() -> None:
        with yard.read() as scan:
            next(scan.batches())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert yard.visible(yard.dead) == ["body"]


def test_a_message_that_comes_again_in_one_run_is_handed_on_once(yard: Yard) -> None:
    yard.bury("body")
    with yard.read() as scan:
        batches = scan.batches()
        (letter,) = next(batches)
        yard.sqs.change_message_visibility(QueueUrl=yard.dead, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
        assert list(batches) == []
    assert yard.visible(yard.dead) == ["body"]


def test_what_was_deleted_is_not_handed_back(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.bury("body")

    def never(**_: object) -> None:
        raise AssertionError("there is nothing to hand back")

    monkeypatch.setattr(yard.sqs, "change_message_visibility_batch", never)
    with yard.read() as scan:
        assert scan.delete(next(scan.batches())) == []
    assert yard.visible(yard.dead) == []


def test_a_message_that_others_may_have_by_now_is_not_held(yard: Yard) -> None:
    yard.bury("body")
    now = 0.0
    with QueueScan(yard.sqs, yard.dead, lambda: now) as scan:
        (letter,) = next(scan.batches())
        now = HIDDEN_SECONDS - 1
        assert scan.hold(letter)
        now = HIDDEN_SECONDS
        assert not scan.hold(letter)
