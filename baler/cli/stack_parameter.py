"""Reads the parameter in which a deployment says what its stack has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.cli.clients import client

if TYPE_CHECKING:
    from collections.abc import Mapping


class NoStackError(Exception):
    """There is no such parameter; the message is a sentence."""


class ParameterDeniedError(Exception):
    """The role may not read it; the message is a sentence."""


def parameter_name(stack: str) -> str:
    """Return what the parameter of a stack is called."""
    return f"/baler/{stack}"


def read_outputs(stack: str) -> Mapping[str, Any]:
    """Return what the deployment says: by the name of the output, as the stack exports it.

    Raises:
        NoStackError, ParameterDeniedError: there is none, or not for us.
        ClientError, BotoCoreError, SettingsError: AWS cannot be asked.
    """
    name = parameter_name(stack)
    parameters = client("ssm")
    try:
        answer = parameters.get_parameter(Name=name)
    except ClientError as error:
        # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
        if code_of(error) == "ParameterNotFound":
            raise NoStackError(
                f"There is no stack {stack!r} in {parameters.meta.region_name}: it has no parameter {name}. Check "
                "--stack, the region and the account."
            ) from error
        if code_of(error) == "AccessDeniedException":
            raise ParameterDeniedError(
                f"Access is denied: your role may not ssm:GetParameter on the parameter {name}. Without it, name no "
                "stack, and give each option or its variable."
            ) from error
        raise
    return cast("Mapping[str, Any]", json.loads(answer["Parameter"]["Value"]))
