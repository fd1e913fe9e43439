"""baler_cloudwatch: what SQS and DynamoDB measure, by their own rules."""

from __future__ import annotations

from types import SimpleNamespace

from baler_cloudwatch.queues import oldest_age
from baler_cloudwatch.tables import tables_of


def test_a_message_that_was_received_three_times_is_left_out_of_the_age() -> None:
    old, young = SimpleNamespace(created=10.0, receive_count=3), SimpleNamespace(created=80.0, receive_count=2)
    assert oldest_age([old, young], now=100.0) == 20.0
    assert oldest_age([old], now=100.0) is None


def test_a_throttled_request_counts_for_each_table_that_it_names() -> None:
    assert tables_of({"TableName": "arn:aws:dynamodb:eu-west-2:1:table/claims"}) == {"claims"}
    assert tables_of({"RequestItems": {"a": [], "b": []}}) == {"a", "b"}
    assert tables_of({"TransactItems": [{"Put": {"TableName": "a"}}, {"Update": {"TableName": "c"}}]}) == {"a", "c"}
