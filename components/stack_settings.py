"""Reads the selected stack's configuration, once, into Settings."""

import difflib
import json
from typing import Any, Final, get_origin

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.settings import Settings
from components.settings_error import SettingsError, WrongSetting

NAMESPACE: Final = "baler"

_FIELDS: Final[dict[str, FieldInfo]] = {
    field.alias: field for field in Settings.model_fields.values() if field.alias is not None
}


def read_settings() -> Settings:
    """Return the settings of the selected stack.

    Required keys have an empty default in Pulumi.yaml: without one the Pulumi CLI itself would refuse the stack, one
    key at a time and without a word of what the key is for. So the refusal is ours.

    Raises:
        SettingsError: some keys are missing, wrong or unknown; it names all of them.
    """
    config = pulumi.Config(NAMESPACE)
    given: dict[str, Any] = {
        alias: _decoded(text, field) for alias, field in _FIELDS.items() if (text := config.get(alias)) is not None
    }
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise SettingsError(
            pulumi.get_stack(), [*(_wrong(config, detail) for detail in details), *_unknown_keys(config)]
        ) from None
    if unknown := _unknown_keys(config):
        raise SettingsError(pulumi.get_stack(), unknown)
    return settings


def _decoded(text: str, field: FieldInfo) -> Any:
    """Return what the text of a key stands for: a list is written as JSON, everything else as itself."""
    if get_origin(field.annotation) is not tuple:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _wrong(config: pulumi.Config, detail: ErrorDetails) -> WrongSetting:
    # pydantic names a key that was given by its alias, and one whose default is refused by its field.
    name = str(detail["loc"][0])
    alias = to_camel(name) if name in Settings.model_fields else name
    key = config.full_key(alias)
    field = _FIELDS[alias]
    item = "".join(f"[{place}]" for place in detail["loc"][1:])
    if detail["type"] == "missing" or detail["input"] in ("", [], ()):
        why = f". {field.description}" if field.is_required() else f": {_reason(detail)}."
        return WrongSetting(key, f"is not set{why}", _command(key, field, item, _example(field)))
    shown = "[secret]" if pulumi.runtime.is_config_secret(key) else repr(detail["input"])
    return WrongSetting(
        f"{key}{item}",
        f"is {shown}: {_reason(detail)}.",
        _command(key, field, item, _accepted(detail, field)),
    )


def _reason(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "refused":
        return str(context["reason"])
    message = detail["msg"].removeprefix("Input should be ")
    return message if message == detail["msg"] else f"it must be {message}"


def _accepted(detail: ErrorDetails, field: FieldInfo) -> object:
    """Return a value that would be accepted: the one next to what was meant, if the rule knows it."""
    context = detail.get("ctx", {})
    for limit in ("use", "ge", "le"):
        if limit in context:
            return context[limit]
    return _example(field)


def _example(field: FieldInfo) -> object:
    return field.examples[0] if field.examples else field.default


def _command(key: str, field: FieldInfo, item: str, value: object) -> str:
    if value == "":
        return f"pulumi config rm {key}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = f"'{text}'" if "<" in text else text
    if get_origin(field.annotation) is tuple:
        return f"pulumi config set --path '{key}{item or '[0]'}' {quoted}"
    return f"pulumi config set {key} {quoted}"


def _unknown_keys(config: pulumi.Config) -> list[WrongSetting]:
    """Return the keys in our namespace that nothing reads. Pulumi has no public way to list a stack's keys."""
    prefix = config.full_key("")
    present = {*CONFIG.get(), *get_config_env()}
    names = sorted(key.removeprefix(prefix) for key in present if key.startswith(prefix))
    return [_unknown(config, name) for name in names if name not in _FIELDS]


def _unknown(config: pulumi.Config, name: str) -> WrongSetting:
    near = difflib.get_close_matches(name, _FIELDS, n=1)
    hint = f" Did you mean {config.full_key(near[0])}?" if near else ""
    return WrongSetting(
        config.full_key(name), f"is not a setting of Baler.{hint}", f"pulumi config rm {config.full_key(name)}"
    )
