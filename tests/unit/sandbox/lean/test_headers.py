"""baler_lean: a request's headers answer as werkzeug's do, whatever becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from baler_lean.headers import KnownHeaders
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Callable

SENT = [("Host", "localhost"), ("X-Amz-Date", "20261126T000000Z"), ("Range", "bytes=0-1"), ("range", "bytes=2-3")]
ASKED = ("host", "HOST", "X-Amz-Date", "Range", "Content-MD5", "Authorization", "x-moto-account-id")


def add(headers: Headers) -> None:
    headers.add("x-moto-account-id", "000000000000")


def put(headers: Headers) -> None:
    headers["Authorization"] = "AWS4-HMAC-SHA256"


def put_one_for_many(headers: Headers) -> None:
    headers["Range"] = "bytes=4-5"


def remove_and_add(headers: Headers) -> None:
    del headers["Host"]
    headers.add("Authorization", "AWS4-HMAC-SHA256")


def pop_and_add(headers: Headers) -> None:
    headers.pop("X-Amz-Date")
    headers["Content-MD5"] = "x"


def pop_last_and_add(headers: Headers) -> None:
    headers.pop()
    headers.popitem()
    headers.extend([("Content-MD5", "x"), ("Authorization", "y")])


def clear_and_fill(headers: Headers) -> None:
    headers.clear()
    headers.extend([("a", "1"), ("b", "2"), ("c", "3"), ("Content-MD5", "x")])


def put_list(headers: Headers) -> None:
    headers.setlist("Host", ["a", "b"])


def replace_by_place(headers: Headers) -> None:
    headers[0] = ("Content-MD5", "x")


def update(headers: Headers) -> None:
    headers.update({"Host": "b", "Authorization": "y"})


@pytest.mark.parametrize(
    "change",
    [
        add,
        put,
        put_one_for_many,
        remove_and_add,
        pop_and_add,
        pop_last_and_add,
        clear_and_fill,
        put_list,
        replace_by_place,
        update,
    ],
)
def test_what_is_asked_for_is_what_is_there(change: Callable[[Headers], None]) -> None:
    known, plain = KnownHeaders(SENT), Headers(SENT)
    for headers in (known, plain):
        assert headers.get("Content-MD5") is None  # asked before, so that there is something to be out of date
        change(headers)
    assert [known.get(name) for name in ASKED] == [plain.get(name) for name in ASKED]
    assert [known.get(name, "none") for name in ASKED] == [plain.get(name, "none") for name in ASKED]
    assert [known.get(name, default="none") for name in ASKED] == [plain.get(name, default="none") for name in ASKED]
    assert [name in known for name in ASKED] == [name in plain for name in ASKED]
    assert list(known) == list(plain)


def test_a_value_is_taken_as_a_type() -> None:
    assert KnownHeaders([("Content-Length", "7")]).get("content-length", type=int) == 7


def test_one_that_is_not_there_is_an_error_by_its_name() -> None:
    with pytest.raises(KeyError):
        KnownHeaders(SENT)["Content-MD5"]
