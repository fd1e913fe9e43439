"""A bucket's event goes to its queue within the process, in place of a signed request to LocalStack's own gateway.

An event is one request for each file, and what a client, a server and two parsers do for it was about a fifth of all
that LocalStack does for a file. The handlers that plugins have put into the gateway see it as before, IAM's above all:
who may not send is refused, and is reported as refused.
"""

from __future__ import annotations

import json
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from localstack.aws.api import RequestContext
from localstack.aws.spec import load_service
from localstack.http import Request
from localstack.runtime import hooks
from localstack.utils.aws.arns import s3_bucket_arn

if TYPE_CHECKING:
    from localstack.services.s3.notifications import S3EventNotificationContext, SqsNotifier

LOG = logging.getLogger(__name__)


@hooks.on_infra_start()
def put_events_into_queues() -> None:
    """Let S3 give SQS its events so."""
    from localstack.services.s3.notifications import SqsNotifier  # noqa: PLC0415 - when the service may be loaded

    SqsNotifier.notify = _notify


def _notify(notifier: SqsNotifier, event: S3EventNotificationContext, config: Any) -> None:
    """Send one event, or log that it could not be sent, as LocalStack does."""
    body = json.dumps(notifier._get_event_payload(event, config.get("Id")))  # noqa: SLF001 - S3's own
    attributes = {"AWSTraceHeader": {"DataType": "String", "StringValue": event.xray}} if event.xray else {}
    try:
        _send(
            config["QueueArn"],
            s3_bucket_arn(event.bucket_name, region=event.region),
            {"MessageBody": body, "MessageSystemAttributes": attributes},
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, S3's caller does not see it
        LOG.warning("An event of bucket %s did not reach %s: %s", event.bucket_name, config["QueueArn"], error)


def _send(queue_arn: str, bucket_arn: str, parameters: dict[str, Any]) -> None:
    """Let a bucket send a message.

    Raises:
        ServiceException: IAM or SQS refuses.
    """
    # They load the service, which may not be before LocalStack has started.
    from localstack.aws import handlers  # noqa: PLC0415
    from localstack.services.plugins import SERVICE_PLUGINS  # noqa: PLC0415
    from localstack.utils.aws.arns import sqs_queue_url_for_arn  # noqa: PLC0415

    _, _, _, region, account, _ = queue_arn.split(":")
    context = RequestContext(Request("POST", "/"))
    context.service, context.operation = _send_message()
    context.region, context.account_id = region, account
    context.internal_request_params = {"service_principal": "s3", "source_arn": bucket_arn}
    context.service_request = {"QueueUrl": sqs_queue_url_for_arn(queue_arn), **parameters}
    for handle in handlers.serve_custom_service_request_handlers.handlers:
        handle(None, context, None)
    sqs: Any = SERVICE_PLUGINS.get_service("sqs")._provider  # noqa: SLF001 - what its skeleton calls as well
    sqs.send_message(
        context,
        queue_url=context.service_request["QueueUrl"],
        message_body=parameters["MessageBody"],
        message_system_attributes=parameters["MessageSystemAttributes"],
    )


@cache
def _send_message() -> tuple[Any, Any]:
    service = load_service("sqs")
    return service, service.operation_model("SendMessage")
