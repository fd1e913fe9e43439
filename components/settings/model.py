"""How the parts of the settings are modelled, and what their keys look like."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

NAMESPACE: Final = "baler"


class SettingsModel(BaseModel):
    """Settings, checked alone and against each other.

    A field's alias is the key in the stack file below `baler:`, its docstring the description. A rule between two
    settings is checked at the one that comes later, when the earlier one is right, so that one run reports everything
    that is wrong.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True
    )


class PipelineSettings(SettingsModel):
    """The settings of one pipeline, whose keys begin with its name (`with_prefix`).

    They are read with the shared settings as context: a rule between a shared setting and one of these is checked at
    the pipeline's.
    """


def with_prefix(pipeline: str) -> Callable[[str], str]:
    """Return the alias generator of a pipeline's settings: `batch_size` is `filesBatchSize` in the stack file."""
    return lambda name: to_camel(f"{pipeline}_{name}")


def shared(info: ValidationInfo) -> Mapping[str, Any]:
    """Return those shared settings that are right, by field, as `info.data` has the earlier ones of the pipeline."""
    return cast("Mapping[str, Any]", info.context or {})


def qualified(alias: str) -> str:
    """Return a key as it is in the stack file."""
    return f"{NAMESPACE}:{alias}"


def description(field: FieldInfo) -> str:
    """Return a setting's description as one line."""
    return " ".join((field.description or "").split())


def is_list(field: FieldInfo) -> bool:
    """Tell whether a setting has items."""
    return get_origin(field.annotation) is tuple
