"""Calls of AWS's JSON protocol: an operation's arguments and its answer are JSON documents."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from botocore.exceptions import HTTPClientError

from baler.aws.http.client import HttpClient, Request, Service
from baler.aws.http.signature import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from baler.aws.http.connections import Answer

_TYPE: Final = "application/x-amz-json-1.0"


class JsonService(Service):
    """Sends calls to one service.

    Args:
        client: boto3's, with which this shares region and endpoint.
        credentials: asked for each request.
        service: in the signature.
        target: the name of the service's interface, before the operation's (`targetPrefix` in botocore's models).
    """

    def __init__(
        self,
        client: DynamoDBClient | SQSClient,
        credentials: Callable[[], ReadOnlyCredentials],
        service: str,
        target: str,
    ) -> None:
        endpoint = client.meta.endpoint_url
        self._path = urlsplit(endpoint).path or "/"
        self._target = target
        super().__init__(HttpClient(endpoint, Signer(credentials, client.meta.region_name, service), _refusal))

    def _call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        headers = {"content-type": _TYPE, "x-amz-target": f"{self._target}.{operation}"}
        body = json.dumps(arguments).encode()
        return self._client.ask(Request(operation, "POST", self._path, "", headers, body), _received)


def _received(answer: Answer) -> dict[str, Any]:
    body = answer.read()
    sent = answer.headers.get("x-amz-crc32")
    if sent and sent != str(zlib.crc32(body)):
        raise HTTPClientError(error=ValueError("the answer is not what was sent"))
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise HTTPClientError(error=error) from error
    if not isinstance(document, dict):
        raise HTTPClientError(error=ValueError("the answer is no document"))
    received = cast("dict[str, Any]", document)
    if answer.earlier:  # boto3 says it of every answer
        received["ResponseMetadata"] = {"RetryAttempts": answer.earlier}
    return received


def _refusal(body: bytes) -> dict[str, Any]:
    """Read an error document: its type ends with the code; DynamoDB puts what stood in a condition's way beside it."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return {"Error": {}}  # from something before the service
    fields = cast("dict[str, Any]", document)
    error = {
        "Code": str(fields.pop("__type", "")).rpartition("#")[2],
        "Message": fields.pop("message", "") or fields.pop("Message", ""),
    }
    return {**fields, "Error": error}
