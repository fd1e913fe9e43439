"""PutItem, GetItem, BatchGetItem, Query, UpdateItem, TransactWriteItems and BatchExecuteStatement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baler.aws.http.json_service import JsonService

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_dynamodb import DynamoDBClient


class HttpDynamoDb(JsonService):
    """Puts, gets and updates items; arguments, answers and errors are boto3's, see `HttpClient.ask`.

    Args:
        client: boto3's, with which this shares region and endpoint.
        credentials: asked for each request.
    """

    def __init__(self, client: DynamoDBClient, credentials: Callable[[], ReadOnlyCredentials]) -> None:
        super().__init__(client, credentials, "dynamodb", "DynamoDB_20120810")

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Write an item."""
        return self._call("PutItem", request)

    def get_item(self, **request: Any) -> dict[str, Any]:
        """Read an item."""
        return self._call("GetItem", request)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """Read items; those that the answer leaves out as `UnprocessedKeys` are to be asked for again."""
        return self._call("BatchGetItem", request)

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        """Do up to 25 statements of PartiQL, each by itself: `Responses` has an answer for each, at its place."""
        return self._call("BatchExecuteStatement", request)

    def query(self, **request: Any) -> dict[str, Any]:
        """Read a page of the items of a partition; the answer's `LastEvaluatedKey` is where the next begins."""
        return self._call("Query", request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        """Change an item, or make it."""
        return self._call("UpdateItem", request)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        """Write several items, or none; the reasons of a cancellation are in the error's `CancellationReasons`.

        boto3 would add a token of its own.
        """
        return self._call("TransactWriteItems", request)
