"""baler_dynamodb: what AWS refuses, by the page of its limits."""

from __future__ import annotations

from typing import Any

import pytest
from baler_dynamodb.done import KEPT_SECONDS, DoneTransactions, OtherContentError
from baler_dynamodb.faults import Fault, Faults, cancellation_reasons, fault_of
from baler_dynamodb.keys import Keys, Schema, check_item, check_key, check_start_key
from baler_dynamodb.requests import check_distinct, check_request, refusals_in_transaction
from baler_dynamodb.updates import assigned
from baler_dynamodb.values import DEEPEST, RefusedError, check_values, item_bytes

SCHEMA = Schema(Keys("pk", "sk"), {"pk": "S", "sk": "N", "source": "S", "at": "S"}, {"BySource": Keys("source", "at")})
KEY: Any = {"pk": {"S": "a"}, "sk": {"N": "1"}}


def schemas(name: str) -> Schema | None:
    return SCHEMA if name == "t" else None


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


@pytest.mark.parametrize("text", ["0", "-0.0", "1" * 38, "1e125", "-9.9e-130", "1" + "0" * 100, "0." + "0" * 99 + "1"])
def test_a_number_within_the_limits_is_taken(text: str) -> None:
    check_values([{"N": text}])


@pytest.mark.parametrize("text", ["1" * 39, "1e126", "1e-131", "NaN", "Infinity", "", "1_0x"])
def test_a_number_beyond_the_limits_is_refused(text: str) -> None:
    for value in ({"N": text}, {"NS": ["1", text]}, {"M": {"a": {"L": [{"N": text}]}}}):
        with pytest.raises(RefusedError):
            check_values([value])


def test_a_value_is_at_most_32_levels_deep_however_deep_it_is() -> None:
    check_values([nested(DEEPEST)])
    for levels in (DEEPEST + 1, 100_000):
        with pytest.raises(RefusedError, match="Nesting Levels"):
            check_values([nested(levels)])
    # An empty list is a level too.
    with pytest.raises(RefusedError, match="Nesting Levels"):
        check_values([{"L": [nested(DEEPEST - 1), {"M": {"a": nested(DEEPEST - 1)}}]}])


def test_an_items_size_is_what_aws_counts() -> None:
    assert item_bytes({"é": {"S": "é"}}) == 4
    assert item_bytes({"n": {"N": "-123"}}) == 1 + 2 + 1 + 1
    assert item_bytes({"n": {"N": "1000"}}) == 1 + 1 + 1
    assert item_bytes({"m": {"M": {"a": {"BOOL": True}, "b": {"NULL": True}}}}) == 1 + 3 + 2 + 4
    assert item_bytes({"l": {"L": [{"S": "ab"}]}}) == 1 + 3 + 1 + 2
    assert item_bytes({"s": {"SS": ["ab", "c"]}, "b": {"B": b"\x00\x01"}, "c": {"B": "AAE="}}) == 4 + 3 + 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pk": None}, "Missing the key pk"),
        ({"pk": {"N": "1"}}, "Type mismatch for key pk expected: S actual: N"),
        ({"pk": {"S": ""}}, "empty string value. Key: pk"),
        ({"pk": {"S": "x" * 2049}}, "Size of hashkey"),
        ({"at": {"N": "1"}}, "Type mismatch for Index Key at Expected: S Actual: N IndexName: BySource"),
        ({"source": {"S": ""}}, "IndexName: BySource, IndexKey: source"),
    ],
)
def test_an_item_whose_keys_do_not_fit_the_schema_is_refused(changes: dict[str, Any], words: str) -> None:
    item = {name: value for name, value in {**KEY, **changes}.items() if value is not None}
    with pytest.raises(RefusedError, match=words):
        check_item(SCHEMA, item)


def test_an_item_without_an_indexs_keys_is_only_not_in_the_index() -> None:
    check_item(SCHEMA, KEY)
    check_item(SCHEMA, {**KEY, "source": {"S": "s"}})


@pytest.mark.parametrize("key", [{"pk": {"S": "a"}}, {**KEY, "x": {"S": "a"}}, {**KEY, "sk": {"S": "1"}}])
def test_a_key_has_the_attributes_of_the_tables(key: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="does not match the schema"):
        check_key(SCHEMA, key)


def test_a_start_key_has_the_attributes_of_table_and_index() -> None:
    start: Any = {**KEY, "source": {"S": "s"}, "at": {"S": "t"}}
    check_start_key(SCHEMA, None, KEY)
    check_start_key(SCHEMA, "BySource", start)
    for index, wrong in ((None, start), ("BySource", KEY), ("BySource", {**start, "at": {"N": "1"}})):
        with pytest.raises(RefusedError, match="starting key is invalid"):
            check_start_key(SCHEMA, index, wrong)


def test_of_an_update_the_values_that_are_set_as_they_are_can_be_seen() -> None:
    values: Any = {":a": {"S": "x"}, ":b": {"N": "1"}}
    expression = "SET #a = :a, counted = counted + :b, b = :b REMOVE c ADD d :b"
    assert assigned(expression, {"#a": "at"}, values) == {"at": {"S": "x"}, "b": {"N": "1"}}


def test_an_update_of_an_indexs_key_is_refused_before_it_is_made() -> None:
    update = {
        "TableName": "t",
        "Key": KEY,
        "UpdateExpression": "SET #a = :a",
        "ExpressionAttributeNames": {"#a": "at"},
        "ExpressionAttributeValues": {":a": {"N": "1"}},
    }
    with pytest.raises(RefusedError, match="Index Key at"):
        check_request("UpdateItem", update, schemas)
    assert refusals_in_transaction({"TransactItems": [{"Update": update}]}, schemas)[0]


def test_a_transaction_names_the_actions_that_cancel_it() -> None:
    good = {"Put": {"TableName": "t", "Item": KEY}}
    bad = {"Put": {"TableName": "t", "Item": {**KEY, "sk": {"N": "2"}, "at": {"N": "1"}}}}
    found = refusals_in_transaction({"TransactItems": [good, bad]}, schemas)
    assert (found[0], bool(found[1])) == (None, True)


def test_two_actions_on_one_item_are_refused_whatever_the_order_of_its_key() -> None:
    put = {"Put": {"TableName": "t", "Item": KEY}}
    delete = {"Delete": {"TableName": "t", "Key": dict(reversed(KEY.items()))}}
    with pytest.raises(RefusedError, match="multiple operations on one item"):
        check_distinct({"TransactItems": [put, delete]}, schemas)
    check_distinct({"TransactItems": [put, {"Put": {"TableName": "t", "Item": {**KEY, "sk": {"N": "2"}}}}]}, schemas)


def test_a_token_stands_for_one_transaction_for_ten_minutes() -> None:
    now = [0.0]
    done = DoneTransactions(lambda: now[0])
    one: Any = {"TransactItems": [{"Put": {"Item": {"b": {"B": b"x"}}}}]}
    done.add(("a", "t"), one, {"answer": 1})

    assert done.answer(("a", "t"), one) == {"answer": 1}
    assert done.answer(("b", "t"), one) is None
    with pytest.raises(OtherContentError):
        done.answer(("a", "t"), {"TransactItems": []})
    now[0] = KEPT_SECONDS + 1
    assert done.answer(("a", "t"), one) is None


def test_faults_are_taken_by_the_transactions_of_their_table_in_order() -> None:
    faults = Faults()
    faults.add(Fault(2, "t", ("TransactionConflict",)))
    faults.add(Fault(1, "", ("ThrottlingError",)))

    assert faults.take(["t", "u"]) == Fault(2, "t", ("TransactionConflict",))
    assert faults.take(["u"]) == Fault(1, "", ("ThrottlingError",))
    assert faults.left() == 1
    assert faults.take(["u"]) is None
    faults.clear()
    assert faults.take(["t"]) is None


def test_a_cancelled_transaction_has_a_reason_for_each_action() -> None:
    reasons = cancellation_reasons(["None", "ThrottlingError"], 3)
    assert [reason["Code"] for reason in reasons] == ["None", "ThrottlingError", "None"]
    assert set(reasons[0]) == {"Code"}
    assert reasons[1]["Message"]


def test_a_fault_is_read_or_refused_with_what_is_wrong() -> None:
    assert fault_of({"transactions": 2, "table": "t", "reasons": ["None", "ValidationError"]}) == Fault(
        2, "t", ("None", "ValidationError")
    )
    for wrong in (
        {"transactions": 1},
        {"transactions": 1, "reasons": ["None"]},
        {"transactions": 1, "reasons": ["Mood"]},
        {"transactions": 1, "reasons": ["ThrottlingError"], "tables": "t"},
        {"transactions": True, "reasons": ["ThrottlingError"]},
        {"transactions": 0, "reasons": ["ThrottlingError"]},
    ):
        with pytest.raises(ValueError, match=r"reasons|number"):
            fault_of(wrong)


def test_two_statements_of_a_batch_on_one_item_are_refused() -> None:
    def insert(number: str) -> dict[str, Any]:
        return {"Statement": "INSERT INTO \"t\" VALUE {'sk': ?, 'pk': ?}", "Parameters": [{"N": number}, {"S": "a"}]}

    check_request("BatchExecuteStatement", {"Statements": [insert("1"), insert("2")]}, schemas)
    with pytest.raises(RefusedError, match="Provided list of item keys contains duplicates"):
        check_request("BatchExecuteStatement", {"Statements": [insert("1"), insert("2"), insert("1")]}, schemas)
