"""What is done with the messages of a batch that are not simply deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baler.aws.http.json_service import JsonService

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_sqs import SQSClient


class HttpSqs(JsonService):
    """Hides, deletes and sends messages; arguments, answers and errors are boto3's, see `HttpClient.ask`.

    Args:
        client: boto3's, with which this shares region and endpoint.
        credentials: asked for each request.
    """

    def __init__(self, client: SQSClient, credentials: Callable[[], ReadOnlyCredentials]) -> None:
        super().__init__(client, credentials, "sqs", "AmazonSQS")

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        """Set the visibility timeout of up to 10 messages."""
        return self._call("ChangeMessageVisibilityBatch", request)

    def delete_message_batch(self, **request: Any) -> dict[str, Any]:
        """Delete up to 10 messages; the answer says for which of them it was refused."""
        return self._call("DeleteMessageBatch", request)

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """Send up to 10 messages; the answer says which of them were refused."""
        return self._call("SendMessageBatch", request)
