"""Says who calls, where LocalStack's services call one another as nobody in particular."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from localstack.services.cloudwatch import provider_v2 as cloudwatch
from localstack.services.sqs import query_api

if TYPE_CHECKING:
    from localstack.http import Request

LOG = logging.getLogger(__name__)


def sign_service_calls() -> None:
    """Let alarms publish as CloudWatch does, and requests to a queue's URL without a signature be nobody's."""
    cloudwatch.connect_to = _AlarmClients(cloudwatch.connect_to)
    call_queue = query_api.try_call_sqs

    def call_unsigned_as_nobody(request: Request, region: str) -> Any:
        # LocalStack would call as itself.
        if not request.headers.get("Authorization"):
            credential = request.args.get("X-Amz-Credential", "injectedaccesskey/")
            request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}"
        return call_queue(request, region)

    query_api.try_call_sqs = call_unsigned_as_nobody


class _AlarmClients:
    """Clients of the services that CloudWatch calls."""

    def __init__(self, connect_to: Any) -> None:
        self._connect_to = connect_to

    def __call__(self, **arguments: Any) -> _AlarmClients:
        return _AlarmClients(self._connect_to(**arguments))

    @property
    def sns(self) -> _AlarmPublisher:
        return _AlarmPublisher(self._connect_to.sns)

    def __getattr__(self, service: str) -> Any:
        return getattr(self._connect_to, service)


class _AlarmPublisher:
    """SNS, for one alarm after another: its ARN is in what it publishes."""

    def __init__(self, sns: Any) -> None:
        self._sns = sns

    def publish(self, **arguments: Any) -> None:
        arn = json.loads(arguments["Message"])["AlarmArn"]
        try:
            self._sns.request_metadata(source_arn=arn, service_principal="cloudwatch").publish(**arguments)
        except ClientError as error:
            # As on AWS, the one who set the state does not see it.
            LOG.warning("%s did not reach %s: %s", arn, arguments["TopicArn"], error)
