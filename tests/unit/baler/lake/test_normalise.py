from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.lake.declarations import read_declarations, shipped_declarations
from baler.lake.document import NotJsonError, document_of, text_of
from baler.lake.normalise import (
    FIELD_BYTES_MAX,
    VALUES_MAX,
    BadItem,
    Fault,
    NoAnswerError,
    NoAnswerReason,
    items_in,
    normalised,
)
from baler.lake.path import Path
from baler.lake.sources import Field, FieldKind, Kept, Source

POSTS, USERS = read_declarations(shipped_declarations())
LOGIN = "hunter2"
NUMBERS = Source(
    "numbers",
    "things",
    "https://api.example",
    Path(("id",)),
    (Field("n", Path(("n",)), FieldKind.NUMBER), Field("b", Path(("b",)), FieldKind.BOOLEAN)),
)


def user(uuid: str, postcode: object) -> dict[str, Any]:
    return {
        "name": {"title": "Ms", "first": "Zoë", "last": "Ō"},
        "location": {"city": "Århus", "country": "Denmark", "postcode": postcode},
        "email": "z@example.com",
        "gender": "female",
        "login": {"uuid": uuid, "username": "zoe", "password": LOGIN, "salt": "s", "md5": "m"},
        "id": {"name": "", "value": None},
    }


@pytest.mark.requirement("LAKE-CURATE-01")
def test_what_the_second_source_really_sends_becomes_three_records() -> None:
    answer = {"results": [user("u-1", 78276), user("u-2", "7044 TR"), user("u-3", "CR9 3LP")], "info": {"page": 1}}
    records, bad = normalised(USERS, json.dumps(answer).encode())
    assert not bad
    assert [record.id for record in records] == ["randomuser-u-1", "randomuser-u-2", "randomuser-u-3"]
    assert [record.fields["postcode"] for record in records] == ["78276", "7044 TR", "CR9 3LP"]
    assert records[0].fields["first_name"] == "Zoë"


@pytest.mark.requirement("LAKE-CURATE-01")
def test_what_is_not_declared_is_nowhere_in_the_record() -> None:
    records, _ = normalised(USERS, json.dumps({"results": [user("u-1", 1)]}).encode())
    for secret in (LOGIN, "salt", "username", "md5"):
        assert secret not in repr(records)


def test_a_whole_document_keeps_digits_and_unknown_fields() -> None:
    content = b'[{"id": 1, "userId": 2, "price": 1.10, "big": 123456789012345678901234567890.000, "new": [null, {}]}]'
    (record,), _ = normalised(POSTS, content)
    assert record.document == (
        '{"big":123456789012345678901234567890.000,"id":1,"new":[null,{}],"price":1.10,"userId":2}'
    )
    assert record.fields == {"userId": Decimal(2)}


@pytest.mark.requirement("LAKE-CURATE-03")
def test_the_fingerprint_is_that_of_what_is_kept() -> None:
    def fingerprint(password: str, city: str) -> str:
        person = user("u", 1)
        person["login"]["password"], person["location"]["city"] = password, city
        return normalised(USERS, json.dumps({"results": [person]}).encode())[0][0].fingerprint

    assert fingerprint("a", "x") == fingerprint("b", "x") != fingerprint("a", "y")


@pytest.mark.requirement("LAKE-CURATE-03")
def test_the_order_of_keys_and_blanks_is_no_change() -> None:
    one, other = (normalised(POSTS, content)[0][0] for content in (b'[{"id":1,"a":2}]', b'[ {"a" : 2, "id" : 1} ]'))
    assert one == other


@pytest.mark.parametrize(
    ("item", "fault", "field"),
    [
        ("3", Fault.NOT_AN_OBJECT, ""),
        ("null", Fault.NOT_AN_OBJECT, ""),
        ("{}", Fault.NO_ID, ""),
        ('{"id":null}', Fault.NO_ID, ""),
        ('{"id":""}', Fault.NO_ID, ""),
        ('{"id":true}', Fault.NO_ID, ""),
        ('{"id":{}}', Fault.NO_ID, ""),
        ('{"id":"\\ud800"}', Fault.LONE_SURROGATE, ""),
        ('{"id":1,"title":{}}', Fault.WRONG_KIND, "title"),
        ('{"id":1,"title":true}', Fault.WRONG_KIND, "title"),
        ('{"id":1,"userId":"1"}', Fault.WRONG_KIND, "userId"),
        ('{"id":1,"userId":NaN}', Fault.NOT_A_NUMBER, "userId"),
        ('{"id":1,"other":-Infinity}', Fault.NOT_A_NUMBER, ""),
        ('{"id":1,"title":"\\ud800"}', Fault.LONE_SURROGATE, "title"),
        ('{"id":1,"other":"\\udfff"}', Fault.LONE_SURROGATE, ""),
        ('{"id":1,"\\udfff":1}', Fault.LONE_SURROGATE, ""),
        ('{"id":1,"userId":' + "1" * 39 + "}", Fault.NUMBER_OUT_OF_RANGE, "userId"),
        ('{"id":1,"userId":1e126}', Fault.NUMBER_OUT_OF_RANGE, "userId"),
        ('{"id":1,"userId":1e-131}', Fault.NUMBER_OUT_OF_RANGE, "userId"),
        ('{"id":1,"userId":1e999999999999999999999}', Fault.NUMBER_OUT_OF_RANGE, "userId"),
        ('{"id":1,"other":' + "[" * 100 + "]" * 100 + "}", Fault.TOO_DEEP, ""),
    ],
)
def test_a_bad_item_is_set_aside_alone(item: str, fault: Fault, field: str) -> None:
    records, bad = normalised(POSTS, f'[{{"id":1}},{item},{{"id":3}}]'.encode())
    assert [record.id for record in records] == ["jsonplaceholder-1", "jsonplaceholder-3"]
    assert bad == [BadItem(1, fault, field)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9" * 38, Decimal("9" * 38)),
        ("-0.10", Decimal("-0.10")),
        ("0e500", Decimal(0)),
        ("9.9e125", Decimal("9.9e125")),
        ("1e-130", Decimal("1e-130")),
        ("1" + "0" * 100, Decimal("1e100")),
    ],
)
def test_numbers_are_exact(text: str, number: Decimal) -> None:
    (record,), bad = normalised(NUMBERS, f'[{{"id":1,"n":{text},"b":false}}]'.encode())
    assert (record.fields, bad) == ({"n": number, "b": False}, [])


def test_null_is_as_good_as_absent() -> None:
    assert normalised(NUMBERS, b'[{"id":1,"n":null}]') == normalised(NUMBERS, b'[{"id":1}]')


def test_a_long_text_stays_in_the_document_alone() -> None:
    short, long = "ü" * (FIELD_BYTES_MAX // 2), "x" * 1_000_000
    (record,), _ = normalised(POSTS, json.dumps([{"id": 1, "title": short, "body": long}]).encode())
    assert record.fields == {"title": short}
    assert json.loads(record.document)["body"] == long


def test_an_id_that_changes_between_number_and_text_is_the_same() -> None:
    one, other = normalised(POSTS, b'[{"id":1},{"id":"1"}]')[0]
    assert one.id == other.id


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", NoAnswerReason.EMPTY_BODY),
        (b" \r\n", NoAnswerReason.EMPTY_BODY),
        (b"<html><body>We are down</body></html>", NoAnswerReason.NOT_JSON),
        (b'{"results":[{"login"', NoAnswerReason.NOT_JSON),
        (b"[" * 100_000, NoAnswerReason.NOT_JSON),
        (b"\xff\xfe[]", NoAnswerReason.NOT_JSON),
        (b"[] []", NoAnswerReason.NOT_JSON),
        (b'{"error":"Uh oh"}', NoAnswerReason.NO_RECORDS),
        (b"null", NoAnswerReason.NO_RECORDS),
        (b'{"results":null}', NoAnswerReason.NO_RECORDS),
        (b'{"results":{}}', NoAnswerReason.NO_RECORDS),
        (b"[]", NoAnswerReason.NO_RECORDS),
        (b"[" + b"0," * VALUES_MAX + b"0]", NoAnswerReason.TOO_MANY_VALUES),
    ],
)
def test_a_success_that_is_no_answer_has_a_name(content: bytes, reason: NoAnswerReason) -> None:
    with pytest.raises(NoAnswerError) as caught:
        items_in(USERS, content)
    assert caught.value.reason is reason


def test_an_empty_array_is_an_answer() -> None:
    assert normalised(POSTS, b"[]") == ([], [])
    assert normalised(USERS, b'\xef\xbb\xbf{"results": []}') == ([], [])


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=40)
@given(_JSON)
def test_canonical_text_means_what_was_parsed(value: object) -> None:
    text = text_of(document_of(json.dumps(value).encode()))
    assert json.loads(text) == value
    assert text_of(document_of(text.encode())) == text


@settings(max_examples=40)
@given(st.binary(max_size=60) | st.text('[]{},:"\\u0dn1e. ', max_size=40).map(str.encode))
def test_any_bytes_are_a_document_or_none(content: bytes) -> None:
    try:
        document_of(content)
    except NotJsonError:
        return
    json.loads(content.decode("utf-8-sig"))


@settings(max_examples=40)
@given(st.lists(_JSON, max_size=4))
def test_every_item_is_a_record_or_set_aside(items: list[object]) -> None:
    whole = Source("any", "things", "https://api.example", Path(("id",)), document=Kept.WHOLE)
    records, bad = normalised(whole, json.dumps(items).encode())
    assert len(records) + len(bad) == len(items)
