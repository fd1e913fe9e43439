"""The handler in LocalStack's gateway: called for every parsed request, before it is routed to a service."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING

from localstack.aws.api import CommonServiceException
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

from baler_iam.access import Call, UnknownActionError
from baler_iam.actions import accesses
from baler_iam.denial import Refusal, code_and_status, message, refusal
from baler_iam.evaluator import Question
from baler_iam.node import EvaluatorError
from baler_iam.principals import UnknownKeyError, principal_of

if TYPE_CHECKING:
    from pathlib import Path

    from localstack.aws.api import RequestContext
    from localstack.aws.chain import HandlerChain
    from localstack.http import Response

    from baler_iam.access import Access
    from baler_iam.evaluator import Evaluator
    from baler_iam.principals import Principal
    from baler_iam.stores import DeployedResources

    Way = tuple[dict[str, str], tuple[str, ...]]

LOG = logging.getLogger(__name__)

_BY_QUERY = "X-Amz-Credential"
# Who sends a request may say where it comes from and how: the gateway listens on loopback alone, so it is a client of
# this machine that plays its part.
_SOURCE = "X-Forwarded-For"
_PROTOCOL = "X-Forwarded-Proto"
_NO_ROOT = "Roles may not be assumed by root accounts."


class Enforcement:
    """Lets a request pass, or refuses it as AWS does and reports that."""

    def __init__(self, evaluator: Evaluator, stores: DeployedResources, refusals: Path) -> None:
        """Make the handler.

        Args:
            evaluator: what judges.
            stores: the resources that there are.
            refusals: the file that gets a JSON object a line for each request that is refused.
        """
        self._evaluator = evaluator
        self._stores = stores
        self._refusals = refusals
        self._lock = threading.Lock()

    def __call__(self, _chain: HandlerChain, context: RequestContext, _response: Response) -> None:
        """Return, or raise what LocalStack serialises for the client."""
        if context.service_operation is None:
            return
        try:
            who = principal_of(_access_key(context), context.account_id, context.internal_request_params)
        except UnknownKeyError:
            text = "The AWS Access Key Id you provided does not exist in our records."
            raise CommonServiceException("InvalidAccessKeyId", text, 403, sender_fault=True) from None
        if who is None:
            return
        call = _call(context)
        if context.is_internal_call and self._asks_in_vain(call):
            return
        if who.is_root and call.operation == "AssumeRole":
            self._refuse(call, Refusal(str(who.arn), "sts:AssumeRole", call.parameters["RoleArn"], _NO_ROOT), _NO_ROOT)
        try:
            needed = accesses(call, self._stores)
        except UnknownActionError as error:
            self._refuse(call, _unjudged(who, call, "*", error), str(error))
        way = self._way(who, call, context) if needed else ({}, ())
        for access in needed:
            self._require(who, access, call, way)

    def _require(self, who: Principal, access: Access, call: Call, way: Way) -> None:
        keys = {**who.context, **way[0], **access.keys}
        question = Question(
            principal=who.arn,
            action=access.action,
            resource=access.resource,
            account=access.account,
            context=tuple(sorted(keys.items())),
            identity=who.identity,
            resource_policy=access.policy,
            endpoint=way[1],
        )
        try:
            verdict = self._evaluator.verdict(question)
        except EvaluatorError as error:
            text = f"The sandbox cannot judge {access.action} on {access.resource}: {error}"
            self._refuse(call, _unjudged(who, call, access.resource, error), text)
        if not verdict.allowed:
            self._refuse(call, refusal(who.arn, access, verdict), message(who.arn, access, verdict))

    def _asks_in_vain(self, call: Call) -> bool:
        """Tell whether LocalStack makes a log group that is there: before each stream, as AWS's Lambda does not."""
        return (call.service, call.operation) == ("logs", "CreateLogGroup") and self._stores.has_log_group(
            call.parameters["logGroupName"], call.account, call.region
        )

    def _way(self, who: Principal, call: Call, context: RequestContext) -> Way:
        """Return the condition keys and endpoint policies that follow from the way that a request came."""
        headers = context.request.headers
        secure = str(headers.get(_PROTOCOL, "https") != "http").lower()
        # The sandbox has no TLS; requests are judged as if it had, unless they say that they had none.
        keys = {"aws:SecureTransport": secure, **({"s3:TlsVersion": "1.3"} if secure == "true" else {})}
        if context.is_internal_call:
            return keys, ()
        function = who.role_arn and self._stores.function_arn(
            who.role_arn, str(who.arn).rpartition("/")[2], call.region
        )
        if function:
            keys["lambda:SourceFunctionArn"] = function
            if endpoint := self._stores.endpoint_of(function, call.service):
                keys |= {"aws:SourceVpce": endpoint.id, "aws:SourceVpc": endpoint.vpc}
                return keys, (endpoint.policy,)
        source = headers.get(_SOURCE, "").partition(",")[0].strip() or context.request.remote_addr or "127.0.0.1"
        return {**keys, "aws:SourceIp": source}, ()

    def _refuse(self, call: Call, refused: Refusal, text: str) -> None:
        LOG.warning("IAM refused %s %s on %s: %s", refused.principal, refused.action, refused.resource, refused.reason)
        with self._lock, self._refusals.open("a", encoding="utf-8") as file:
            file.write(json.dumps(refused.to_json()) + "\n")
        code, status = code_and_status(call.service)
        raise CommonServiceException(code, text, status, sender_fault=True)


def _access_key(context: RequestContext) -> str:
    by_query = context.request.args.get(_BY_QUERY)
    if by_query:
        return by_query.partition("/")[0]
    return extract_access_key_id_from_auth_header(context.request.headers) or ""


def _call(context: RequestContext) -> Call:
    # LocalStack's parser names every member, with None where the client sent none.
    parameters = {name: value for name, value in (context.service_request or {}).items() if value is not None}
    service, operation = context.service_operation
    return Call(service, operation, parameters, context.account_id, context.region)


def _unjudged(who: Principal, call: Call, resource: str, error: Exception) -> Refusal:
    return Refusal(who.arn or "anonymous", f"{call.service}:{call.operation}", resource, str(error))
