"""Reads the selected stack's configuration, once, into the shared settings and those of its pipelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

import pulumi
from pydantic import TypeAdapter, ValidationError

from components.blocks.naming import LONGEST_STACK_NAME, can_be_in_names
from components.settings.error import SettingsError, WrongSetting
from components.settings.keys import decoded, keys_of_absent_pipelines, unknown_keys
from components.settings.model import NAMESPACE, PipelineSettings, SettingsModel
from components.settings.refusals import Fields, field_name, not_kept_secret, wrong_setting
from components.settings.secret import is_secret
from components.settings.shared import SharedSettings

_Model = TypeVar("_Model", bound=SettingsModel)
_PIPELINES: Final = "pipelines"


@dataclass(frozen=True)
class StackSettings:
    """Everything that a stack sets."""

    shared: SharedSettings

    pipelines: Mapping[str, PipelineSettings]
    """By the name of the pipeline, in the order in which the stack names them; only those that it has."""


@dataclass(frozen=True)
class _Part(Generic[_Model]):
    """What was read into one model."""

    settings: _Model | None
    """None if anything is wrong."""

    right: Mapping[str, Any]
    """The values that are right by themselves, by field."""

    wrong: Sequence[WrongSetting]


def read_settings(models: Mapping[str, type[PipelineSettings]]) -> StackSettings:
    """Return the settings of the selected stack.

    Required keys have an empty default in Pulumi.yaml: without one the Pulumi CLI itself would refuse the stack, one
    key at a time and without a word of what the key is for. So the refusal is ours.

    Args:
        models: what the pipelines that are built can set, by the name of the pipeline.

    Raises:
        SettingsError: some keys are missing, wrong, unknown or of a pipeline that the stack does not have, or the
            stack's name is wrong; it names all of them.
    """
    config, stack = pulumi.Config(NAMESPACE), pulumi.get_stack()
    every = _fields(SharedSettings, *models.values())
    shared = _read(config, SharedSettings, every, context=tuple(models))
    chosen = _chosen(config, shared, models)
    parts = {name: _read(config, model, every, context=shared.right) for name, model in chosen.items()}
    # Where the choice itself is wrong, nobody knows which pipelines are absent.
    absent = {name: model for name, model in models.items() if name not in chosen and _PIPELINES in shared.right}
    refused_secrets = (
        not_kept_secret(alias, field) for alias, field in _fields(SharedSettings, *chosen.values()).items()
    )
    wrong = [
        *shared.wrong,
        *(refused for part in parts.values() for refused in part.wrong),
        *_wrong_name(stack),
        *filter(None, refused_secrets),
        *keys_of_absent_pipelines(config, absent, stack),
        *unknown_keys(config, every),
    ]
    if wrong or shared.settings is None:
        raise SettingsError(stack, wrong)
    return StackSettings(
        shared.settings, {name: part.settings for name, part in parts.items() if part.settings is not None}
    )


def _fields(*models: type[SettingsModel]) -> Fields:
    return {str(field.alias): field for model in models for field in model.model_fields.values()}


def _chosen(
    config: pulumi.Config, shared: _Part[SharedSettings], models: Mapping[str, type[PipelineSettings]]
) -> dict[str, type[PipelineSettings]]:
    """Return the models of the stack's pipelines; if the choice is refused, of those that it names rightly."""
    if _PIPELINES in shared.right:
        named = cast("Sequence[str]", shared.right[_PIPELINES])
    else:
        given = decoded(config.get(_PIPELINES) or "", SharedSettings.model_fields[_PIPELINES])
        named = [name for name in cast("list[Any]", given) if isinstance(name, str)] if isinstance(given, list) else []
    return {name: models[name] for name in named if name in models}


def _read(config: pulumi.Config, model: type[_Model], every: Fields, *, context: object) -> _Part[_Model]:
    given = {
        alias: decoded(text, field)
        for alias, field in _fields(model).items()
        if (text := config.get(alias)) is not None
    }
    try:
        settings = model.model_validate(given, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
        hidden = _secret_texts(config, every)
        return _Part(
            None,
            _right(model, given, refused={field_name(model, detail) for detail in details}),
            [_without(hidden, wrong_setting(model, detail, every)) for detail in details],
        )
    return _Part(settings, dict(settings), ())


def _right(model: type[SettingsModel], given: Mapping[str, Any], refused: set[str]) -> dict[str, Any]:
    """Return what was not refused in the types of the model, so that rules of others can be checked with it."""
    return {
        name: TypeAdapter[Any](field.rebuild_annotation()).validate_python(given.get(str(field.alias), field.default))
        for name, field in model.model_fields.items()
        if name not in refused
    }


def _secret_texts(config: pulumi.Config, fields: Fields) -> list[str]:
    """Return the values that no message may show, the longest first."""
    texts: list[str] = []
    for alias, field in fields.items():
        if is_secret(alias):
            value = decoded(config.get(alias) or "", field)
            texts += [str(item) for item in cast("list[Any]", value if isinstance(value, list) else [value])]
    return sorted(filter(None, texts), key=len, reverse=True)


def _without(hidden: Sequence[str], wrong: WrongSetting) -> WrongSetting:
    """Blank out secrets in what a rule says, of its own key or of another."""
    problem, fix = wrong.problem, wrong.fix
    for text in hidden:
        problem, fix = problem.replace(text, "[secret]"), fix.replace(text, "[secret]")
    return WrongSetting(wrong.key, problem, fix)


def _wrong_name(stack: str) -> list[WrongSetting]:
    if can_be_in_names(stack):
        return []
    problem = (
        f"is '{stack}': it becomes part of bucket names, so it may have only lower-case letters, digits and inner "
        f"hyphens, at most {LONGEST_STACK_NAME}."
    )
    return [WrongSetting("The stack's name", problem, "pulumi stack rename '<name>'")]
