"""What the proxy counts is what a client sent."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from benchmarks.content import json_lines
from benchmarks.counting_proxy import Counts, counting_proxy, write_units
from benchmarks.endless_store import endless_store


@pytest.mark.parametrize(("size", "units"), [(1, 1), (1021, 1), (1022, 2), (2045, 2), (2046, 3)])
def test_a_write_costs_a_unit_for_each_started_kilobyte(size: int, units: int) -> None:
    assert write_units({"key": {"S": "x" * size}}) == units


def test_requests_pass_unchanged_and_are_counted_by_operation() -> None:
    with endless_store(3000) as store, counting_proxy(store) as (url, counts):
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        with closing(connection):
            assert answer_to(connection, "GET", "/bucket/folder/c%20d") == (200, json_lines(3000))
            assert answer_to(connection, "GET", "/bucket?list-type=2") == (200, json_lines(3000))
            assert answer_to(connection, "PUT", "/bucket/key", b"bundle") == (200, b"")

    assert counts.calls == {"GET object": 1, "GET bucket": 1, "PUT object": 1}


def test_calls_to_dynamodb_are_counted_by_their_names() -> None:
    counts = Counts()
    body = json.dumps({"Item": {"pk": {"S": "x" * 1500}}}).encode()

    counts.note("POST", "/", {"x-amz-target": "DynamoDB_20120810.PutItem"}, body)
    counts.note("POST", "/", {"x-amz-target": "DynamoDB_20120810.DeleteItem"}, b"{}")
    counts.note("POST", "/", {"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}")
    insert = {"Statement": "INSERT INTO \"t\" VALUE {'pk': ?}"}
    statements = [{**insert, "Parameters": [{"S": "x" * size}]} for size in (10, 1500)]
    inserts = json.dumps({"Statements": statements}).encode()
    counts.note("POST", "/", {"x-amz-target": "DynamoDB_20120810.BatchExecuteStatement"}, inserts)

    assert counts.calls == {"PutItem": 1, "DeleteItem": 1, "GetItem": 1, "BatchExecuteStatement": 1}
    assert counts.write_units == 3 + 3


def answer_to(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read()
