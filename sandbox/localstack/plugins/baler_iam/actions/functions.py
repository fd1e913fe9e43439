"""What Lambda's requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources

_RENAMED = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction", "InvokeWithResponseStream": "InvokeFunction"}
# `arn:aws:lambda:<region>:<account>:function:<name>`, a qualifier behind it.
_UNQUALIFIED = 7


def function_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to Lambda needs."""
    operation, parameters = call.operation, call.parameters
    function = parameters.get("FunctionName")
    if operation in {"CreateEventSourceMapping", "ListEventSourceMappings"}:
        keys = {"lambda:FunctionArn": _arn(call, function)} if function else {}
        yield Access(f"lambda:{operation}", "*", call.account, None, keys)
    elif "UUID" in parameters:
        named = resources.function_of_mapping(parameters["UUID"], call.account, call.region)
        arn = call.arn(f"event-source-mapping:{parameters['UUID']}")
        yield Access(f"lambda:{operation}", arn, call.account, None, {"lambda:FunctionArn": named} if named else {})
    elif function:
        arn = _arn(call, function, parameters.get("Qualifier"))
        account = arn.split(":")[4]
        yield Access(f"lambda:{_RENAMED.get(operation, operation)}", arn, account, resources.function_policy(arn))
    else:
        resource = parameters.get("Resource") or parameters.get("Arn") or "*"
        yield Access(f"lambda:{operation}", resource, call.account)


def _arn(call: Call, name: str, qualifier: str | None = None) -> str:
    """Return the ARN of what a request names by name, name:alias, account:function:name or ARN."""
    if name.startswith("arn:"):
        return f"{name}:{qualifier}" if qualifier and name.count(":") < _UNQUALIFIED else name
    account, _, rest = name.rpartition(":function:")
    name, _, alias = rest.partition(":")
    behind = qualifier or alias
    arn = f"arn:aws:lambda:{call.region}:{account or call.account}:function:{name}"
    return f"{arn}:{behind}" if behind else arn
