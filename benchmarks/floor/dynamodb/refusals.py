"""The errors of DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class RefusedError(Exception):
    """A request is refused, with status 400.

    Args:
        type: with its namespace, as DynamoDB sends it in `__type`.
        message: for people.
        fields: of the answer beside them.
    """

    def __init__(self, type: str, message: str = "", fields: Mapping[str, Any] | None = None) -> None:  # noqa: A002 - the protocol's word
        super().__init__(message)
        self.document = {"__type": type, **({"message": message} if message else {}), **(fields or {})}


class ConditionFailedError(RefusedError):
    """The item is not as the condition wants it."""

    def __init__(self, standing: Mapping[str, Any] | None) -> None:
        super().__init__(
            "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
            "The conditional request failed",
            {"Item": standing} if standing else None,
        )


class NoTableError(RefusedError):
    """There is no such table."""

    def __init__(self, message: str = "Requested resource not found") -> None:
        super().__init__("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", message)


class TableInUseError(RefusedError):
    """There is a table of that name."""

    def __init__(self, name: str) -> None:
        super().__init__("com.amazonaws.dynamodb.v20120810#ResourceInUseException", f"Table already exists: {name}")


class InvalidError(RefusedError):
    """DynamoDB says that of what is wrong by itself; here also of what it would take and no contestant sends."""

    def __init__(self, message: str) -> None:
        super().__init__("com.amazon.coral.validate#ValidationException", message)


class MalformedError(RefusedError):
    """The body is no document, or not one of an operation's arguments."""

    def __init__(self) -> None:
        super().__init__("com.amazon.coral.service#SerializationException")


class UnknownOperationError(RefusedError):
    """The header names no operation; DynamoDB adds no message."""

    def __init__(self) -> None:
        super().__init__("com.amazon.coral.service#UnknownOperationException")


class UnsignedError(RefusedError):
    """The request has no signature."""

    def __init__(self) -> None:
        super().__init__(
            "com.amazon.coral.service#MissingAuthenticationTokenException", "Request is missing Authentication Token"
        )
