"""The schemas of moto's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import RESTError
from moto.dynamodb.models import dynamodb_backends

from baler_dynamodb.keys import Keys, Schema

if TYPE_CHECKING:
    from collections.abc import Callable


def schemas_of(account: str, region: str) -> Callable[[str], Schema | None]:
    """Return what finds the schema of an account's table by its name or ARN."""

    def schema(name: str) -> Schema | None:
        try:
            table = dynamodb_backends[account][region].get_table(name)
        except RESTError:
            return None  # the operation says so
        types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table.attr}
        indexes = {index.name: _keys(index.schema) for index in table.all_indexes()}
        return Schema(_keys(table.schema), types, indexes)

    return schema


def _keys(schema: list[dict[str, Any]]) -> Keys:
    by_kind = {key["KeyType"]: key["AttributeName"] for key in schema}
    return Keys(by_kind["HASH"], by_kind.get("RANGE"))
