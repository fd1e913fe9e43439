"""What a second deployment changes in place: code of functions, aliases, and what is put as a whole under its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.resources.creation import Created
from sandbox.engine.resources.package import read_package
from sandbox.engine.resources.registry import creation_of
from sandbox.engine.waiting import wait_for_state

Update: TypeAlias = Callable[[Endpoint, Created, Mapping[str, Any]], Created]
"""From what is there and its new inputs."""

_CODE: Final = frozenset({"code", "sourceCodeHash"})
_VERSION: Final = frozenset({"functionVersion"})
# Creating one of these puts it as a whole: under the same name it takes the old one's place.
_PUT_AS_A_WHOLE: Final = frozenset(
    {
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:ssm/parameter:Parameter",
    }
)


def update_of(resource_type: str, name: str, changed: frozenset[str]) -> Update:
    """Return what changes a resource in place.

    Args:
        resource_type: Pulumi's type token.
        name: the logical one.
        changed: inputs that differ from those that it was deployed with.

    Raises:
        UnsupportedResourceError: Pulumi can change it, and the sandbox cannot.
    """
    if resource_type == "aws:lambda/function:Function" and changed <= _CODE:
        return _new_code
    if resource_type == "aws:lambda/alias:Alias" and changed <= _VERSION:
        return _new_version
    if resource_type in _PUT_AS_A_WHOLE:
        return _put_again(resource_type, name)
    raise UnsupportedResourceError(
        f"The sandbox cannot change {', '.join(sorted(changed))} of {resource_type} ({name!r}): end it, and begin anew."
    )


def _new_code(aws: Endpoint, there: Created, inputs: Mapping[str, Any]) -> Created:
    package = read_package(inputs["code"], inputs.get("sourceCodeHash"))
    updated = aws.functions.update_function_code(
        FunctionName=there.id, ZipFile=package.content, Publish=bool(inputs.get("publish"))
    )
    wait_for_state(
        f"The code of function {there.id}",
        "Successful",
        lambda: aws.functions.get_function_configuration(FunctionName=there.id).get("LastUpdateStatus", "Successful"),
    )
    arn, version = there.outputs["arn"], updated["Version"]
    new = {
        "codeSha256": package.sha256,
        "lastModified": updated["LastModified"],
        "qualifiedArn": f"{arn}:{version}",
        "qualifiedInvokeArn": there.outputs["invokeArn"].replace(arn, f"{arn}:{version}"),
        "sourceCodeSize": len(package.content),
        "version": version,
    }
    return Created(there.id, {**there.outputs, **new})


def _new_version(aws: Endpoint, there: Created, inputs: Mapping[str, Any]) -> Created:
    aws.functions.update_alias(
        FunctionName=inputs["functionName"], Name=there.outputs["name"], FunctionVersion=inputs["functionVersion"]
    )
    return there


def _put_again(resource_type: str, name: str) -> Update:
    def put(aws: Endpoint, there: Created, inputs: Mapping[str, Any]) -> Created:
        # Its name may have been made up when it was created.
        made_up = {"name": there.outputs["name"]} if "name" in there.outputs else {}
        return creation_of(resource_type, name, made_up | dict(inputs))(aws)

    return put
