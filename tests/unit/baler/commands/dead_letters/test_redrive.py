"""Sending dead letters again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness.events import s3_event, s3_record

from baler.cli.exit_codes import ExitCode
from baler.commands.dead_letters.message_selector import MessageSelector
from baler.commands.dead_letters.redrive import Pace, Redrive, RedriveResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conftest import Yard

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.aws.queue_scan import QueueScan


class StoppedClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def job(yard: Yard, rate: float = 1000) -> Redrive:
    return Redrive(yard.sqs, yard.ingest, "run-1", Pace(rate), lambda _: None)


def letters(scan: QueueScan) -> Iterator[ReceivedDeadLetter]:
    return (letter for batch in scan.batches() for letter in batch)


def test_a_message_goes_whole_and_its_receives_are_counted_anew(yard: Yard) -> None:
    body = yard.land("k\tü")
    yard.bury(body)
    moved = RedriveResult()
    with yard.read() as scan:
        job(yard).move(scan, letters(scan), moved)
    (message,) = yard.sqs.receive_message(
        QueueUrl=yard.ingest, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # one is there
    assert message.get("Body") == body
    assert message.get("Attributes") == {"ApproximateReceiveCount": "1"}
    assert yard.visible(yard.dead) == []
    assert moved.sent == 1
    assert moved.complete


def test_a_crash_between_send_and_delete_leaves_the_message_in_both_queues(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.bury("body")
    with yard.read() as scan:

        def die(_: Sequence[ReceivedDeadLetter]) -> list[ReceivedDeadLetter]:
            raise KeyboardInterrupt

        monkeypatch.setattr(scan, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            job(yard).move(scan, letters(scan), RedriveResult())
    assert yard.visible(yard.ingest) == ["body"]
    assert yard.visible(yard.dead) == ["body"]


def test_a_message_that_sqs_does_not_take_stays_a_dead_letter(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    for body in ("good", "refused"):
        yard.bury(body)
    send = yard.sqs.send_message_batch

    def refuse_one(*, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        refused = [{"Id": entry["Id"]} for entry in Entries if entry["MessageBody"] == "refused"]
        taken: Any = [entry for entry in Entries if entry["MessageBody"] != "refused"]
        send(QueueUrl=QueueUrl, Entries=taken)
        return {"Failed": refused}

    monkeypatch.setattr(yard.sqs, "send_message_batch", refuse_one)
    moved = RedriveResult()
    with yard.read() as scan:
        job(yard).move(scan, letters(scan), moved)
    assert yard.visible(yard.ingest) == ["good"]
    assert yard.visible(yard.dead) == ["refused"]
    assert (moved.sent, moved.refused) == (1, 1)
    assert not moved.complete


def test_what_comes_back_within_a_run_is_not_sent_again(yard: Yard) -> None:
    mark: Any = {"redriven": {"DataType": "String", "StringValue": "run-1"}}
    yard.sqs.send_message(QueueUrl=yard.dead, MessageBody="poison", MessageAttributes=mark)
    moved = RedriveResult()
    with yard.read() as scan:
        job(yard).move(scan, letters(scan), moved)
    assert yard.visible(yard.dead) == ["poison"]
    assert (moved.sent, moved.returned) == (0, 1)


def test_what_the_function_rejects_within_a_run_is_not_sent_again(yard: Yard) -> None:
    """The function moves poison at once, so that a redrive of a long queue meets its own messages again."""
    yard.reject("poison", "malformed")
    moved = RedriveResult()
    with yard.read() as scan:
        redrive = job(yard)
        redrive.move(scan, letters(scan), moved)
        (sent,) = yard.sqs.receive_message(QueueUrl=yard.ingest, MessageAttributeNames=["All"])["Messages"]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # one is there
        yard.reject("poison", "malformed", message_id=sent.get("MessageId", ""))
        redrive.move(scan, letters(scan), moved)
    assert (moved.sent, moved.returned) == (1, 1)
    assert set(sent.get("MessageAttributes", {})) == {"redriven"}, "what was said of the last attempt stays behind"


def test_no_call_is_larger_than_sqs_takes(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [str(number) * 100_000 for number in range(6)]
    for body in bodies:
        yard.bury(body)
    send = yard.sqs.send_message_batch
    calls: list[int] = []

    def measure(*, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803 - boto3's names
        calls.append(sum(len(entry["MessageBody"]) for entry in Entries))
        return send(QueueUrl=QueueUrl, Entries=Entries)

    monkeypatch.setattr(yard.sqs, "send_message_batch", measure)
    with yard.read() as scan:
        job(yard).move(scan, letters(scan), RedriveResult())
    assert calls == [200_000, 200_000, 200_000]
    assert yard.visible(yard.ingest) == bodies


@pytest.mark.parametrize(("rate", "at_once"), [(0.5, 1), (1, 1), (5, 5), (20, 10), (1000, 10)])
def test_no_second_lets_more_pass_than_the_rate(rate: float, at_once: int) -> None:
    clock = StoppedClock()
    pace = Pace(rate, clock, clock.sleep)
    assert pace.at_once == at_once
    passed = 0
    while clock.now < 100:
        pace.take(at_once)
        passed += at_once
    assert passed <= rate * clock.now + at_once


def test_a_dry_run_sends_nothing_and_shows_what_it_would(yard: Yard) -> None:
    yard.bury(yard.land("devices/7"))
    yard.bury("malformed")
    result = yard.run("redrive", "--found", "transient", "--dry-run")
    assert result.exit_code == 0
    assert "devices/7" in result.stdout
    assert "malformed" not in result.stdout
    assert "Would send 1 message." in result.stdout
    assert yard.visible(yard.ingest) == []
    assert len(yard.visible(yard.dead)) == 2


def test_it_sends_those_with_a_likely_reason_and_leaves_the_others(yard: Yard) -> None:
    good = yard.land("good")
    gone = s3_event(s3_record("gone", version="no"))
    for body in ("poison", good, gone):
        yard.bury(body)
    result = yard.run("redrive", "--found", "transient")
    assert result.exit_code == 0
    assert "Sent 1 message to the ingest queue." in result.stdout
    assert yard.visible(yard.ingest) == [good]
    assert yard.visible(yard.dead) == sorted(["poison", gone])


def test_it_sends_those_that_are_named(yard: Yard) -> None:
    ids = {body: yard.bury(body) for body in ("a", "b", "c")}
    result = yard.run("redrive", ids["a"][:8], ids["c"])
    assert result.exit_code == 0
    assert yard.visible(yard.ingest) == ["a", "c"]
    assert yard.visible(yard.dead) == ["b"]


def test_the_queue_is_read_no_further_than_to_the_last_that_is_named(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    selector = MessageSelector([yard.bury("a")[:8]])
    receive = yard.sqs.receive_message
    calls: list[object] = []

    def count(**request: Any) -> Any:
        calls.append(request)
        return receive(**request)

    monkeypatch.setattr(yard.sqs, "receive_message", count)
    with yard.read() as scan:
        assert len(list(selector.letters(scan, yard.inspector))) == 1
    assert len(calls) == 1


def test_it_sends_all_without_looking_at_any(yard: Yard) -> None:
    for body in ("a", "b"):
        yard.bury(body)
    yard.dynamodb.delete_table(TableName="claims")
    assert yard.run("redrive", "--all").exit_code == 0
    assert yard.visible(yard.ingest) == ["a", "b"]


def test_a_name_that_nothing_has_is_told_and_the_others_are_sent(yard: Yard) -> None:
    sent = yard.bury("a")
    result = yard.run("redrive", sent, "00000000")
    assert result.exit_code == 3
    assert "Not found: 00000000." in result.stderr
    assert yard.visible(yard.ingest) == ["a"]


@pytest.mark.parametrize("arguments", [(), ("--all", "--found", "transient"), ("--all", "12345678"), ("1234",)])
def test_a_choice_that_is_none_or_two_is_refused(yard: Yard, arguments: tuple[str, ...]) -> None:
    yard.bury("a")
    assert yard.run("redrive", *arguments).exit_code == 2
    assert yard.visible(yard.ingest) == []


@pytest.mark.parametrize(
    ("what", "code"),
    [("refused", ExitCode.RETRY), ("doubled", ExitCode.RETRY), ("returned", ExitCode.NEEDS_ATTENTION)],
)
def test_what_was_not_moved_can_be_tried_again_and_what_came_back_needs_attention(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, what: str, code: ExitCode
) -> None:
    def move(_self: Redrive, _scan: object, _letters: object, moved: RedriveResult) -> None:
        setattr(moved, what, 1)

    monkeypatch.setattr(Redrive, "move", move)
    assert yard.run("redrive", "--all").exit_code == code
