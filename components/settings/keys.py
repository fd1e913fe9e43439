"""The keys in our namespace: what their text stands for, and which of them a stack should not have."""

import difflib
import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from components.settings.error import WrongSetting
from components.settings.model import PipelineSettings, is_list, qualified
from components.settings.refusals import Fields


def decoded(text: str, field: FieldInfo) -> Any:
    """Return what the text of a key stands for: a list is written as JSON, everything else as itself."""
    if not is_list(field):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def keys_of_absent_pipelines(
    config: pulumi.Config, absent: Mapping[str, type[PipelineSettings]], stack: str
) -> list[WrongSetting]:
    """Return the keys that do nothing, because the stack does not have their pipeline."""
    return [
        WrongSetting(
            qualified(str(field.alias)),
            f"is set, and the stack does not have its pipeline: add {name} to baler:pipelines in Pulumi.{stack}.yaml, "
            "or remove the key.",
            f"pulumi config rm {qualified(str(field.alias))}",
        )
        for name, model in absent.items()
        for field in model.model_fields.values()
        if (text := config.get(str(field.alias))) is not None and not _is_default(text, field)
    ]


def unknown_keys(config: pulumi.Config, fields: Fields) -> list[WrongSetting]:
    """Return the keys that nothing reads. Pulumi has no public way to list a stack's keys."""
    prefix = config.full_key("")
    present = {*CONFIG.get(), *get_config_env()}
    names = sorted(key.removeprefix(prefix) for key in present if key.startswith(prefix))
    return [_unknown(name, fields) for name in names if name not in fields]


def _is_default(text: str, field: FieldInfo) -> bool:
    """Tell whether a key has the value that Pulumi.yaml gives it.

    The CLI puts the project's defaults into the stack's configuration before it starts the program (`mergeConfig` in
    `pkg/workspace/config.go` of pulumi/pulumi), so whether the stack itself set a key shows in its value alone. A
    required key has an empty default there.
    """
    value = decoded(text, field)
    if value in ("", []):
        return True
    try:
        return TypeAdapter[Any](field.rebuild_annotation()).validate_python(value) == field.default
    except ValidationError:
        return False


def _unknown(name: str, fields: Fields) -> WrongSetting:
    near = difflib.get_close_matches(name, fields, n=1)
    hint = f" Did you mean {qualified(near[0])}?" if near else ""
    return WrongSetting(qualified(name), f"is not a setting of Baler.{hint}", f"pulumi config rm {qualified(name)}")
