"""What DynamoDB says to the API's reads and moto never does: it is scripted."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from baler.lake.declarations import FIELD_NAMES_MAX
from baler.lake.document import Number
from baler.store_errors import Refused, Unavailable
from runtime.lake.api.ports import Span
from runtime.lake.aws.paging_key import KEY
from runtime.lake.aws.record_reads import DynamoRecords
from runtime.lake.aws.source_states import KEY as STATES_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.aws.http.dynamodb import HttpDynamoDb

SECONDS: Final = 60


class Scripted:
    """Answers in order, and notes what it was asked; the last answer stays."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def until(self, _: float) -> Scripted:
        return self

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    query = batch_get_item


def reads(
    client: Scripted, sleep: Callable[[float], object] = lambda _: None, seconds: float = SECONDS
) -> DynamoRecords:
    made = cast("HttpDynamoDb", client)
    return DynamoRecords(made, "records", time.time() + seconds, ThreadPoolExecutor(2), sleep=sleep)


def item(name: str) -> dict[str, Any]:
    return {
        "id": {"S": name},
        "source": {"S": "posts"},
        "captured_at": {"S": "2026-03-08T10:00:00Z"},
        "odd": {"NULL": True},
        "n": {"N": "1.50"},
    }


def answer(*names: str, left: tuple[str, ...] = ()) -> dict[str, Any]:
    unprocessed = {"records": {"Keys": [{"id": {"S": name}} for name in left]}} if left else {}
    return {"Responses": {"records": [item(name) for name in names]}, "UnprocessedKeys": unprocessed}


def test_what_dynamodb_leaves_for_later_is_asked_for_again() -> None:
    client, waits = Scripted(answer("a", left=("b", "c")), answer("c", left=("b",)), answer("b")), list[float]()
    assert sorted(reads(client, waits.append).read(["a", "b", "c"], ["n"])) == ["a", "b", "c"]
    keys = [[key["id"]["S"] for key in each["RequestItems"]["records"]["Keys"]] for each in client.asked]
    assert keys == [["a", "b", "c"], ["b", "c"], ["b"]]
    assert waits == [0.05, 0.1]


def test_records_that_dynamodb_never_gives_are_not_taken_for_deleted() -> None:
    with pytest.raises(Refused, match="leaves some for later"):
        reads(Scripted(answer(left=("a",)))).read(["a"], [])


def test_nothing_is_waited_for_beyond_the_deadline() -> None:
    client = Scripted(answer(left=("a",)))
    with pytest.raises(Unavailable):
        reads(client, sleep=lambda _: pytest.fail("waited"), seconds=0.01).read(["a"], [])


def test_documents_are_not_asked_for_and_replicas_not_believed() -> None:
    client = Scripted(answer("a"))
    found = reads(client).read(["a", "a"], ["title"])
    asked = client.asked[0]["RequestItems"]["records"]
    assert asked["ConsistentRead"] is True
    assert "title" in asked["ExpressionAttributeNames"].values()
    assert "document" not in asked["ExpressionAttributeNames"].values()
    assert asked["Keys"] == [{"id": {"S": "a"}}]
    assert list(found["a"].attributes) == ["id", "source", "captured_at", "n"]


def test_the_names_of_as_many_fields_as_may_be_declared_fit_into_a_request() -> None:
    client = Scripted(answer("a"))
    reads(client).read(["a"], [f"field-{number}" for number in range(FIELD_NAMES_MAX)])
    expression = client.asked[0]["RequestItems"]["records"]["ProjectionExpression"]
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html, "Expression parameters"
    assert len(expression) <= 4096


def test_values_are_read_by_what_kind_they_are() -> None:
    found = reads(Scripted({"Responses": {"records": [item("a") | {"no": {"BOOL": False}, "empty": {"S": ""}}]}}))
    attributes = found.read(["a"], [])["a"].attributes
    assert (attributes["no"], attributes["empty"]) == (False, "")
    assert isinstance(attributes["n"], Number)
    assert attributes["n"].text == "1.50"
    assert "odd" not in attributes


def test_more_than_a_hundred_are_asked_for_by_hundreds() -> None:
    client = Scripted(answer())
    assert reads(client).read([str(number) for number in range(201)], []) == {}
    assert sorted(len(each["RequestItems"]["records"]["Keys"]) for each in client.asked) == [1, 100, 100]


def test_the_index_is_read_on_where_an_answer_ended_however_few_it_had() -> None:
    place = {"id": {"S": "a"}, "source": {"S": "posts"}, "captured_at": {"S": "2026-03-08T10:00:00Z"}}
    client = Scripted({"Items": [], "LastEvaluatedKey": place}, {"Items": [place]})
    found = list(reads(client).places("posts", Span(), 5))
    assert [each.id for each in found] == ["a"]
    assert client.asked[1]["ExclusiveStartKey"] == place
    assert [each["Limit"] for each in client.asked] == [5, 100]


def test_the_key_of_paging_is_in_the_table_of_states() -> None:
    assert KEY == STATES_KEY
