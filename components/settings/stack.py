"""Reads the selected stack's configuration, once, into Settings."""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast, get_origin

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.blocks.naming import can_be_in_names
from components.files.settings import Settings
from components.settings.error import SettingsError, WrongSetting
from components.settings.secret import CAN_BE_SECRET, NAMESPACE, is_secret

_FIELDS: Final[dict[str, FieldInfo]] = {
    field.alias: field for field in Settings.model_fields.values() if field.alias is not None
}


def read_settings() -> Settings:
    """Return the settings of the selected stack.

    Required keys have an empty default in Pulumi.yaml: without one the Pulumi CLI itself would refuse the stack, one
    key at a time and without a word of what the key is for. So the refusal is ours.

    Raises:
        SettingsError: some keys are missing, wrong or unknown, or the stack's name is; it names all of them.
    """
    config = pulumi.Config(NAMESPACE)
    given: dict[str, Any] = {
        alias: _decoded(text, field) for alias, field in _FIELDS.items() if (text := config.get(alias)) is not None
    }
    wrong = [*_wrong_name(pulumi.get_stack()), *_wrong_secrets(config), *_unknown_keys(config)]
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        hidden = _secret_texts(given)
        wrong[:0] = [_without(hidden, _wrong(config, detail)) for detail in error.errors(include_url=False)]
        raise SettingsError(pulumi.get_stack(), wrong) from None
    if wrong:
        raise SettingsError(pulumi.get_stack(), wrong)
    return settings


def _wrong_secrets(config: pulumi.Config) -> list[WrongSetting]:
    """Return the keys that are secret, and whose values would stand in the state for anybody to read."""
    return [
        WrongSetting(
            config.full_key(alias),
            "is set with --secret, and cannot be kept secret: what is deployed shows it.",
            _command(config.full_key(alias), field, "", "<value>", "--plaintext "),
        )
        for alias, field in _FIELDS.items()
        if is_secret(alias) and alias not in CAN_BE_SECRET
    ]


def _secret_texts(given: Mapping[str, Any]) -> list[str]:
    """Return the values that no message may show, the longest first."""
    texts: list[str] = []
    for alias, value in given.items():
        if is_secret(alias):
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
        "hyphens, at most 34."
    )
    return [WrongSetting("The stack's name", problem, "pulumi stack rename '<name>'")]


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
    shown = "[secret]" if is_secret(alias) else repr(detail["input"])
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


def _command(key: str, field: FieldInfo, item: str, value: object, flags: str = "") -> str:
    if value == "":
        return f"pulumi config rm {key}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = f"'{text}'" if "<" in text else text
    if get_origin(field.annotation) is tuple:
        return f"pulumi config set {flags}--path '{key}{item or '[0]'}' {quoted}"
    return f"pulumi config set {flags}{key} {quoted}"


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
