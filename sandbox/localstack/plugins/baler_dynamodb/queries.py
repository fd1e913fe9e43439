"""A query's start key lies within what the query asks for: another source's page is not gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.parsing.key_condition_expression import parse_expression

from baler_dynamodb.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from baler_dynamodb.keys import Schema


def check_boundaries(request: Mapping[str, Any], schemas: Callable[[str], Schema | None]) -> None:
    """Return if a query without a start key, or with one of its own, is asked.

    Raises:
        RefusedError: the start key has another partition key, or a sort key that the condition excludes.
    """
    start, expression = request.get("ExclusiveStartKey"), request.get("KeyConditionExpression")
    schema = schemas(request["TableName"])
    if not start or not expression or schema is None:
        return
    keys = schema.indexes.get(request.get("IndexName") or "", schema.keys)
    typed = [{"AttributeName": keys.hash, "KeyType": "HASH"}]
    if keys.range:
        typed.append({"AttributeName": keys.range, "KeyType": "RANGE"})
    hash_value, comparison, values, _ = parse_expression(
        key_condition_expression=expression,
        expression_attribute_names=request.get("ExpressionAttributeNames") or {},
        expression_attribute_values=request.get("ExpressionAttributeValues") or {},
        schema=typed,
    )
    if start[keys.hash] != hash_value:
        raise RefusedError("The provided starting key is outside query boundaries based on provided conditions")
    if comparison and keys.range:
        wanted = [DynamoType(value) for value in values]
        if not DynamoType(start[keys.range]).compare(comparison, wanted):
            raise RefusedError("The provided starting key does not match the range key predicate")
