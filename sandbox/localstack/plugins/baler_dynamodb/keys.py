"""What a table's schema says of items, keys and start keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baler_dynamodb.values import RefusedError, value_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = Mapping[str, Any]
    Item = Mapping[str, Value]

_INVALID = "One or more parameter values were invalid:"
_NOT_VALID = "One or more parameter values are not valid."
_NO_MATCH = "The provided key element does not match the schema"
_EMPTY = "The AttributeValue for a key attribute cannot contain an empty"
_KINDS = {"S": "string", "B": "binary"}
_MOST_HASH_BYTES = 2048
_MOST_RANGE_BYTES = 1024


@dataclass(frozen=True)
class Keys:
    """Names of the attributes that a table or an index is keyed by."""

    hash: str
    range: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Both, or the one."""
        return (self.hash,) if self.range is None else (self.hash, self.range)


@dataclass(frozen=True)
class Schema:
    """A table's keys.

    Attributes:
        keys: the table's own.
        types: `S`, `N` or `B`, by the name of the attribute.
        indexes: keys of each index, by its name.
    """

    keys: Keys
    types: Mapping[str, str]
    indexes: Mapping[str, Keys] = field(default_factory=dict)


def check_item(schema: Schema, item: Item) -> None:
    """Return if an item can be put.

    Raises:
        RefusedError: a key is missing, empty, too long or of another type, of the table or of an index.
    """
    for name in schema.keys.names:
        if name not in item:
            raise RefusedError(f"{_INVALID} Missing the key {name} in the item")
        _check_type(schema, name, item[name])
    _check_sizes(schema.keys, item)
    check_index_keys(schema, item)


def check_index_keys(schema: Schema, attributes: Item) -> None:
    """Return if attributes can be indexed; those that are missing are not, which is well.

    Raises:
        RefusedError: one is empty or of another type than an index is keyed by.
    """
    for index, keys in schema.indexes.items():
        for name in keys.names:
            if name not in attributes or name in schema.keys.names:
                continue
            kind = _kind(attributes[name])
            if kind != schema.types[name]:
                raise RefusedError(
                    f"{_INVALID} Type mismatch for Index Key {name} Expected: {schema.types[name]} Actual: {kind} "
                    f"IndexName: {index}"
                )
            if not attributes[name][kind] and kind in _KINDS:
                raise RefusedError(
                    f"{_NOT_VALID} A value specified for a secondary index key is not supported. {_EMPTY} "
                    f"{_KINDS[kind]} value. IndexName: {index}, IndexKey: {name}"
                )


def check_key(schema: Schema, key: Item) -> None:
    """Return if a key is one of the table's.

    Raises:
        RefusedError: it has other attributes, of other types, or an empty or too long one.
    """
    if set(key) != set(schema.keys.names) or any(_kind(key[name]) != schema.types[name] for name in key):
        raise RefusedError(_NO_MATCH)
    for name in key:
        _check_type(schema, name, key[name])
    _check_sizes(schema.keys, key)


def check_start_key(schema: Schema, index: str | None, start: Item) -> None:
    """Return if a start key has the form of those that the table or index gives.

    Raises:
        RefusedError: it has other attributes, or of other types.
    """
    names = {*schema.keys.names, *(schema.indexes[index].names if index in schema.indexes else ())}
    if set(start) != names:
        raise RefusedError("The provided starting key is invalid")
    if any(_kind(value) != schema.types[name] for name, value in start.items()):
        raise RefusedError(f"The provided starting key is invalid: {_NO_MATCH}")
    if any(kind in _KINDS and not held for value in start.values() for kind, held in value.items()):
        raise RefusedError(f"The provided starting key is invalid: {_NOT_VALID} {_EMPTY} string value.")


def _kind(value: Value) -> str:
    return next(iter(value))


def _check_type(schema: Schema, name: str, value: Value) -> None:
    kind, expected = _kind(value), schema.types[name]
    if kind != expected:
        raise RefusedError(f"{_INVALID} Type mismatch for key {name} expected: {expected} actual: {kind}")
    if kind in _KINDS and not value[kind]:
        raise RefusedError(f"{_NOT_VALID} {_EMPTY} {_KINDS[kind]} value. Key: {name}")


def _check_sizes(keys: Keys, item: Item) -> None:
    if value_bytes(item[keys.hash]) > _MOST_HASH_BYTES:
        raise RefusedError(f"{_INVALID} Size of hashkey has exceeded the maximum size limit of{_MOST_HASH_BYTES} bytes")
    if keys.range is not None and value_bytes(item[keys.range]) > _MOST_RANGE_BYTES:
        raise RefusedError(
            f"{_INVALID} Aggregated size of all range keys has exceeded the size limit of {_MOST_RANGE_BYTES} bytes"
        )
