"""What IAM calls an operation: actions on resources, and the condition keys that its parameters set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access, UnknownActionError
from baler_iam.actions.apis import api_accesses
from baler_iam.actions.catalogue import catalogue_accesses, workgroup_accesses
from baler_iam.actions.dynamodb import dynamodb_accesses
from baler_iam.actions.functions import function_accesses
from baler_iam.actions.identities import parameter_accesses, role_accesses, secret_accesses, token_accesses
from baler_iam.actions.s3 import s3_accesses
from baler_iam.actions.sqs import sqs_accesses
from baler_iam.actions.streams import stream_accesses
from baler_iam.actions.topics import key_accesses, topic_accesses
from baler_iam.actions.watching import log_accesses, metric_accesses, rule_accesses, trace_accesses

if TYPE_CHECKING:
    from baler_iam.access import Call, Resources

_SERVICES = {
    "apigatewayv2": api_accesses,
    "athena": workgroup_accesses,
    "cloudwatch": metric_accesses,
    "dynamodb": dynamodb_accesses,
    "events": rule_accesses,
    "glue": catalogue_accesses,
    "iam": role_accesses,
    "kinesis": stream_accesses,
    "kms": key_accesses,
    "lambda": function_accesses,
    "logs": log_accesses,
    "s3": s3_accesses,
    "secretsmanager": secret_accesses,
    "sns": topic_accesses,
    "sqs": sqs_accesses,
    "sqs-query": sqs_accesses,
    "ssm": parameter_accesses,
    "sts": token_accesses,
    "xray": trace_accesses,
}

# Services that only who deploys calls: the operation is the action, and the resource any. A narrower policy therefore
# refuses more than AWS would.
_ADMINISTRATION = {
    "ec2": "ec2",
    "resource-groups": "resource-groups",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
}


def accesses(call: Call, resources: Resources) -> list[Access]:
    """Return everything that a request needs: AWS refuses it where one of them is refused.

    Raises:
        UnknownActionError: nobody knows what.
    """
    if call.service in _SERVICES:
        try:
            return list(_SERVICES[call.service](call, resources))
        except (KeyError, ValueError, IndexError) as error:
            raise UnknownActionError(
                f"The sandbox cannot work out what {call.service}'s {call.operation} is about: {error!r}"
            ) from error
    if call.service in _ADMINISTRATION:
        return [Access(f"{_ADMINISTRATION[call.service]}:{call.operation}", "*", call.account)]
    raise UnknownActionError(
        f"The sandbox does not know which permissions requests to {call.service} need: add the service to "
        "sandbox/localstack/plugins/baler_iam/actions."
    )
