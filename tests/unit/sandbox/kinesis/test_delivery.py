"""baler_kinesis: a batch's way to its function, by the documented rules of event source mappings on streams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from baler_kinesis.answer import Failed, NotInvoked, Outcome, Reported, Succeeded, outcome
from baler_kinesis.delivery import Discarded, Rules, deliver, sequence_number
from baler_kinesis.destination import invocation_record, object_key, with_payload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Event = dict[str, Any]
    Function = Callable[[list[int]], Outcome]

FAILED = Failed("r", 200, "3", "Unhandled")
RETURNED = Failed("r", 200, "3", "")


def number(index: int) -> str:
    return f"{49 * 10**54 + index}"


def event(index: int, arrived_at: float = 0.0) -> Event:
    fields = {"sequenceNumber": number(index), "approximateArrivalTimestamp": arrived_at, "data": "eA=="}
    return {"eventID": f"shardId-000000000000:{number(index)}", "kinesis": fields}


def indexes(events: Sequence[Event]) -> list[int]:
    return [int(sequence_number(each)) - 49 * 10**54 for each in events]


class World:
    """A function that does as it is told, and a clock that every attempt moves by a second."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.invoked: list[list[int]] = []
        self.done: list[int] = []
        self.discarded: list[tuple[str, list[int], int]] = []
        self.time = 0.0

    def invoke(self, events: Sequence[Event]) -> Outcome:
        batch = indexes(events)
        self.invoked.append(batch)
        self.time += 1
        result = self.function(batch)
        match result:
            case Succeeded():
                self.done += batch
            case Reported(lowest=lowest):
                self.done += [index for index in batch if number(index) < lowest]
            case _:
                pass
        return result

    def discard(self, discarded: Discarded) -> None:
        self.discarded.append((discarded.condition, indexes(discarded.events), discarded.attempts))

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds / 1000  # attempts are a second apart
        assert len(self.invoked) < 1000, f"goes on for ever: {self.invoked[:10]}"


def delivered(function: Function, rules: Rules, count: int = 4) -> World:
    world = World(function)
    deliver([event(index) for index in range(count)], rules, world)
    return world


def fails_on(*poison: int) -> Function:
    return lambda batch: FAILED if set(batch) & set(poison) else Succeeded()


def reports(*poison: int) -> Function:
    def function(batch: list[int]) -> Outcome:
        bad = [index for index in batch if index in poison]
        return Reported(number(bad[0]), RETURNED) if bad else Succeeded()

    return function


def test_a_batch_that_succeeds_is_delivered_once() -> None:
    assert delivered(fails_on(), Rules()).invoked == [[0, 1, 2, 3]]


def test_without_bisect_the_whole_batch_is_retried_and_given_up() -> None:
    world = delivered(fails_on(2), Rules(retries=2))
    assert world.invoked == [[0, 1, 2, 3]] * 3
    assert world.discarded == [("RetryAttemptsExhausted", [0, 1, 2, 3], 3)]


def test_with_bisect_a_poisoned_record_is_given_up_alone_and_in_order() -> None:
    world = delivered(fails_on(2), Rules(retries=2, bisect=True))
    assert world.invoked == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [2], [2], [3]]
    assert [records for _, records, _ in world.discarded] == [[2]]
    assert world.done == [0, 1, 3]


def test_a_split_uses_up_no_retry() -> None:
    world = delivered(fails_on(7), Rules(retries=0, bisect=True), count=8)
    assert [records for _, records, _ in world.discarded] == [[7]]
    assert world.done == [0, 1, 2, 3, 4, 5, 6]


def test_an_odd_batch_is_halved_too() -> None:
    world = delivered(fails_on(0), Rules(retries=0, bisect=True), count=3)
    assert world.invoked == [[0, 1, 2], [0], [1, 2]]


def test_a_report_cuts_the_batch_at_its_lowest_number() -> None:
    world = delivered(reports(2), Rules(retries=2))
    assert world.invoked == [[0, 1, 2, 3], [2, 3], [2, 3]]
    assert world.discarded == [("RetryAttemptsExhausted", [2, 3], 3)]
    assert world.done == [0, 1]


def test_a_report_is_cut_rather_than_halved_and_an_error_halved_though_reports_are_asked_for() -> None:
    world = delivered(reports(2), Rules(retries=1, bisect=True))
    assert world.invoked == [[0, 1, 2, 3], [2, 3]]
    world = delivered(fails_on(2), Rules(retries=0, bisect=True))
    assert world.invoked[1:3] == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("fresh_count", "invoked", "lost"),
    [
        # Reports at 1 and 2 have used up the one retry: what lies behind is given up, though nothing is wrong with it.
        (False, [[0, 1, 2, 3], [1, 2, 3]], [2, 3]),
        # Each progress begins a new count.
        (True, [[0, 1, 2, 3], [1, 2, 3], [2, 3]], []),
    ],
)
def test_where_aws_is_silent_both_readings_of_the_count_can_be_had(
    fresh_count: bool,  # noqa: FBT001 - a column of the table
    invoked: list[list[int]],
    lost: list[int],
) -> None:
    def passing(batch: list[int]) -> Outcome:
        return Reported(number(batch[1]), RETURNED) if batch[0] < 2 else Succeeded()

    world = delivered(passing, Rules(retries=1, fresh_count=fresh_count))
    assert world.invoked == invoked
    assert [index for _, records, _ in world.discarded for index in records] == lost


def test_an_invocation_that_was_not_made_uses_up_no_retry_and_splits_nothing() -> None:
    answers: list[Outcome] = [*[NotInvoked("TooManyRequestsException")] * 50, Succeeded()]
    world = delivered(lambda _: answers.pop(0), Rules(retries=0, bisect=True))
    assert world.invoked == [[0, 1, 2, 3]] * 51
    assert world.discarded == []


def test_records_that_are_too_old_are_given_up_and_the_others_go_on() -> None:
    world = World(fails_on(0, 1))
    deliver([event(0, 0.0), event(1, 2.0), event(2, 100.0)], Rules(record_age=3), world)
    assert [(condition, records) for condition, records, _ in world.discarded] == [
        ("RecordAgeExceeded", [0]),
        ("RecordAgeExceeded", [1]),
    ]
    assert world.done == [2]


def test_without_limits_a_batch_is_retried_until_it_succeeds() -> None:
    answers: list[Outcome] = [*[FAILED] * 100, Succeeded()]
    world = delivered(lambda _: answers.pop(0), Rules())
    assert len(world.invoked) == 101
    assert world.discarded == []


@pytest.mark.parametrize("answer", [b"", b"null", b"{}", b'{"batchItemFailures": []}', b'{"batchItemFailures": null}'])
def test_an_answer_that_reports_nothing_is_success(answer: bytes) -> None:
    assert outcome(answer, RETURNED, [number(0)], reports=True) == Succeeded()


@pytest.mark.parametrize(
    "reported",
    [[{"itemIdentifier": ""}], [{"itemIdentifier": None}], [{"item": number(0)}], [{"itemIdentifier": "1"}], ["x"], 1],
)
def test_an_answer_that_reports_nothing_of_the_batch_is_a_failure_of_all(reported: Any) -> None:
    answer = json.dumps({"batchItemFailures": reported}).encode()
    assert outcome(answer, RETURNED, [number(0)], reports=True) == RETURNED
    assert outcome(answer, RETURNED, [number(0)], reports=False) == Succeeded()


def test_the_lowest_of_several_reports_counts() -> None:
    answer = json.dumps({"batchItemFailures": [{"itemIdentifier": number(index)} for index in (3, 1, 2)]}).encode()
    assert outcome(answer, RETURNED, [number(index) for index in range(5)], reports=True) == Reported(
        number(1), RETURNED
    )


def test_an_error_is_an_error_whatever_the_answer_says() -> None:
    assert outcome(b'{"batchItemFailures": []}', FAILED, [number(0)], reports=True) == FAILED


def test_a_queue_gets_where_the_records_are_and_a_bucket_the_records_too() -> None:
    discarded = Discarded([event(1, 1_705_312_800.25), event(2, 1_705_312_801.0)], "RetryAttemptsExhausted", 4, FAILED)
    record = invocation_record(discarded, function="f", stream="s", shard="shardId-000000000000", now=1_705_312_802.0)
    assert record == {
        "requestContext": {
            "requestId": "r",
            "functionArn": "f",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 4,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "3", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2024-01-15T10:00:02.000Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": number(1),
            "endSequenceNumber": number(2),
            "approximateArrivalOfFirstRecord": "2024-01-15T10:00:00.250Z",
            "approximateArrivalOfLastRecord": "2024-01-15T10:00:01.000Z",
            "batchSize": 2,
            "streamArn": "s",
        },
    }
    payload = with_payload(record, discarded)["payload"]
    assert json.loads(payload) == {"Records": discarded.events}
    assert object_key("m", "shardId-000000000000", "u", 1_705_312_802.0) == (
        "aws/lambda/m/shardId-000000000000/2024/01/15/2024-01-15T10.00.02-u"
    )
