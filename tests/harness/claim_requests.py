"""The requests of the claim table, as boto3 takes them."""

from __future__ import annotations

from typing import Any

NOW = 1_790_000_000


def claim(key: str, *, bundle: str = "bundle-1", expires_at: int = NOW + 60) -> dict[str, Any]:
    """Return the item of a claim."""
    return {
        "pk": {"S": key},
        "bundle_id": {"S": bundle},
        "lease_until": {"N": f"{NOW}.125"},
        "expires_at": {"N": str(expires_at)},
    }


def conditional_put(table: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return the put of a claim where none stands that has not expired."""
    return {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk) OR expires_at < :now",
        "ExpressionAttributeValues": {":now": {"N": str(NOW)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def insert(table: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return the statement that inserts a claim."""
    names = ", ".join(f"'{name}': ?" for name in item)
    return {
        "Statement": f'INSERT INTO "{table}" VALUE {{{names}}}',
        "Parameters": list(item.values()),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
