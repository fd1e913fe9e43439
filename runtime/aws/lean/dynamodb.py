"""PutItem and GetItem."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import HTTPClientError

from runtime.aws.lean.client import LeanClient, Request
from runtime.aws.lean.signature import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_dynamodb import DynamoDBClient

    from runtime.aws.lean.connections import Answer

_TYPE: Final = "application/x-amz-json-1.0"
_VERSION: Final = "DynamoDB_20120810"


class LeanDynamoDb:
    """Puts and gets items.

    Args:
        client: boto3's, with which this shares region and endpoint.
        credentials: asked for each request.
    """

    def __init__(self, client: DynamoDBClient, credentials: Callable[[], ReadOnlyCredentials]) -> None:
        endpoint = client.meta.endpoint_url
        self._path = urlsplit(endpoint).path or "/"
        self._client = LeanClient(endpoint, Signer(credentials, client.meta.region_name, "dynamodb"), _refusal)

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Write an item; arguments, answer and errors are boto3's, see `LeanClient.ask`."""
        return self._call("PutItem", request)

    def get_item(self, **request: Any) -> dict[str, Any]:
        """Read an item; as `put_item`."""
        return self._call("GetItem", request)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._client.close()

    def _call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        headers = {"content-type": _TYPE, "x-amz-target": f"{_VERSION}.{operation}"}
        body = json.dumps(arguments).encode()
        return self._client.ask(Request(operation, "POST", self._path, "", headers, body), _received)


def _received(answer: Answer) -> dict[str, Any]:
    body = answer.read()
    told = answer.headers.get("x-amz-crc32")
    if told and int(told) != zlib.crc32(body):
        raise HTTPClientError(error=ValueError("the answer is not what DynamoDB sent"))
    return json.loads(body)


def _refusal(body: bytes) -> dict[str, Any]:
    """Read an error document: its type ends with the code, and `Item` is what stood in the way of a condition."""
    try:
        document = json.loads(body)
    except ValueError:
        return {"Error": {}}  # from something before DynamoDB; the status decides
    error = {
        "Code": document.pop("__type", "").rpartition("#")[2],
        "Message": document.pop("message", "") or document.pop("Message", ""),
    }
    return {**document, "Error": error}
