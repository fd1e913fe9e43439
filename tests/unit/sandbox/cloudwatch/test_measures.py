"""baler_cloudwatch: what SQS and DynamoDB measure, by their own rules."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from baler_cloudwatch import tables
from baler_cloudwatch.queues import oldest_age
from baler_cloudwatch.samples import MetricStore


def test_a_message_that_was_received_three_times_is_left_out_of_the_age() -> None:
    old, young = SimpleNamespace(created=10.0, receive_count=3), SimpleNamespace(created=80.0, receive_count=2)
    assert oldest_age([old, young], now=100.0) == 20.0
    assert oldest_age([old], now=100.0) is None


def test_a_throttled_request_counts_for_each_table_that_it_names() -> None:
    assert tables.tables_of({"TableName": "arn:aws:dynamodb:eu-west-2:1:table/claims"}) == {"claims"}
    assert tables.tables_of({"RequestItems": {"a": [], "b": []}}) == {"a", "b"}
    assert tables.tables_of({"TransactItems": [{"Put": {"TableName": "a"}}, {"Update": {"TableName": "c"}}]}) == {
        "a",
        "c",
    }
    insert = {"Statement": "INSERT INTO \"a\" VALUE {'pk': ?}", "Parameters": [{"S": "k"}]}
    assert tables.tables_of({"Statements": [insert]}) == {"a"}


@pytest.mark.parametrize(
    ("operation", "status", "error", "metric"),
    [
        ("Query", 400, "ProvisionedThroughputExceededException", "ReadThrottleEvents"),
        ("PutItem", 400, "ThrottlingException", "WriteThrottleEvents"),
        ("PutItem", 400, "ConditionalCheckFailedException", None),
        ("PutItem", 200, "", None),
    ],
)
def test_an_answer_that_throttles_is_counted_as_a_read_or_a_write(
    operation: str, status: int, error: str, metric: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MetricStore()
    monkeypatch.setattr("baler_cloudwatch.samples.STORE", store)
    context: Any = SimpleNamespace(
        service_operation=SimpleNamespace(service="dynamodb", operation=operation),
        service_request={"TableName": "claims"},
        account_id="1",
        region="eu-west-2",
    )
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{error}"}).encode()
    answer: Any = SimpleNamespace(status_code=status, data=body)
    measure: Any = vars(tables)["measure_throttles"]
    measure(None, context, answer)
    found = [(each.namespace, each.name, each.dimensions) for each in store.metrics()]
    assert found == ([("AWS/DynamoDB", metric, frozenset({("TableName", "claims")}))] if metric else [])
