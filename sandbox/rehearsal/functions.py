"""Faults that any function can have, whatever it is for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sandbox.rehearsal.fault import Broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.engine.endpoint import Endpoint

ALIAS: Final = "live"
_PREVIOUS: Final = "<previous version>"
_SOMEBODY_S: Final = "somebody-s"


def bad_release(aws: Endpoint, function: str) -> Broken:
    """Release a version that cannot even be loaded; the page names the one before."""
    functions = aws.functions
    good = functions.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    functions.update_function_configuration(FunctionName=function, Handler="no.such.handler")
    bad = functions.publish_version(FunctionName=function)["Version"]
    functions.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=bad)
    return Broken(filled={_PREVIOUS: lambda: good})


def mapping_off(aws: Endpoint, function: str) -> Broken:
    """Switch off what reads a queue or stream for a function; `pulumi up` switches it on."""
    (mapping,) = aws.functions.list_event_source_mappings(FunctionName=f"{function}:{ALIAS}")["EventSourceMappings"]
    uuid = mapping.get("UUID", "")

    def switch(*, enabled: bool) -> None:
        aws.functions.update_event_source_mapping(UUID=uuid, Enabled=enabled)

    switch(enabled=False)
    return Broken(put_back=lambda: switch(enabled=True))


def rule_off(aws: Endpoint, rule: str) -> Broken:
    """Switch off a schedule; `pulumi up` switches it on."""
    aws.events.disable_rule(Name=rule)
    return Broken(put_back=lambda: aws.events.enable_rule(Name=rule))


def policy_changed(aws: Endpoint, function: str, actions: Sequence[str]) -> Broken:
    """Forbid a function something by a policy that the program does not know; `pulumi up` removes it."""
    role = aws.functions.get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
    denied = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    aws.iam.put_role_policy(RoleName=role, PolicyName=_SOMEBODY_S, PolicyDocument=document)

    def remove() -> None:
        aws.iam.delete_role_policy(RoleName=role, PolicyName=_SOMEBODY_S)

    return Broken(put_back=remove)
