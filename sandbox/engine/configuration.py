"""A stack's configuration as a Pulumi program gets it: every value a string, structures as JSON.

Source of the rules: `sdk/go/common/resource/config` and `pkg/workspace/config.go` of pulumi/pulumi.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from sandbox.engine.errors import ConfigurationError
from sandbox.engine.project import Project, conforms, read_project, read_yaml

if TYPE_CHECKING:
    from pathlib import Path


def stack_config(project_dir: Path, stack: str, overrides: Mapping[str, Any]) -> dict[str, str]:
    """Return what the CLI would hand to the program: the overrides, else the stack's value, else the default.

    Args:
        project_dir: The folder of `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
        stack: The stack's name.
        overrides: Values by key, with or without its namespace, in the types that YAML would give them.

    Raises:
        ConfigurationError: A file is missing, or a value is not of the type that the project declares.
    """
    project = read_project(project_dir)
    values = {declared.key: declared.default for declared in project.declarations if declared.default is not None}
    values |= stack_values(project, read_yaml(project_dir / f"Pulumi.{stack}.yaml"))
    values |= {project.qualified(key): value for key, value in overrides.items()}
    for declared in project.declarations:
        value = values.get(declared.key)
        if value is not None and declared.type and not conforms(value, declared.type, declared.items):
            raise ConfigurationError(
                f"Stack {stack}: the configuration key {declared.key} is {value!r}, "
                f"and Pulumi.yaml declares it as {declared.type}."
            )
    return {key: _text(key, value) for key, value in values.items()}


def stack_values(project: Project, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a stack file sets, by qualified key, in the types of YAML."""
    values = cast("Mapping[str, Any]", document.get("config") or {})
    return {project.qualified(key): value for key, value in values.items()}


def _text(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and "secure" in value:
        raise ConfigurationError(f"{key} is encrypted, and only the Pulumi CLI can read it: set it in plain text.")
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except TypeError as error:
        raise ConfigurationError(f"{key} is {value!r}: put it in quotes to make it a string.") from error
