"""What pydantic says of a setting, as a refusal with the command that repairs it."""

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.settings.error import WrongSetting
from components.settings.model import SettingsModel, description, is_list, qualified
from components.settings.secret import can_be_secret, is_secret

Fields = Mapping[str, FieldInfo]
"""Settings of any models by the keys that they have below `baler:`."""


def field_name(model: type[SettingsModel], detail: ErrorDetails) -> str:
    """Return the field that is refused.

    pydantic names a key that was given by its alias, and one whose default is refused by its field.
    """
    place = str(detail["loc"][0])
    return next(name for name, field in model.model_fields.items() if place in (name, field.alias))


def wrong_setting(model: type[SettingsModel], detail: ErrorDetails, fields: Fields) -> WrongSetting:
    """Return the refusal of a setting.

    Args:
        model: what was validated.
        detail: one of the errors.
        fields: every setting that a rule of the model may ask for.
    """
    context = detail.get("ctx", {})
    if detail["type"] == "unset":
        alias = str(context["alias"])
        return WrongSetting(
            qualified(alias),
            f"{context['state']}: {context['reason']}.",
            command(alias, fields[alias], str(context["use"])),
        )
    field = model.model_fields[field_name(model, detail)]
    alias = str(field.alias)
    item = "".join(f"[{place}]" for place in detail["loc"][1:])
    if detail["type"] == "missing" or detail["input"] in ("", [], ()):
        why = f". {description(field)}" if field.is_required() else f": {_reason(detail)}."
        return WrongSetting(qualified(alias), f"is not set{why}", command(alias, field, _example(field), item))
    shown = "[secret]" if is_secret(alias) else repr(detail["input"])
    return WrongSetting(
        qualified(alias) + item,
        f"is {shown}: {_reason(detail)}.",
        command(alias, field, _accepted(context, field), context.get("item") or item),
    )


def not_kept_secret(alias: str, field: FieldInfo) -> WrongSetting | None:
    """Return the refusal of a secret whose value would stand in the state for anybody to read."""
    if not is_secret(alias) or can_be_secret(field):
        return None
    return WrongSetting(
        qualified(alias),
        "is set with --secret, and cannot be kept secret: what is deployed shows it.",
        command(alias, field, "<value>", flags="--plaintext "),
    )


def command(alias: str, field: FieldInfo, value: object, item: str = "", flags: str = "") -> str:
    """Return what sets a key, or an item of a list, to a value; an empty one removes it."""
    key = qualified(alias)
    if value == "":
        return f"pulumi config rm --path '{key}{item}'" if item else f"pulumi config rm {key}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = f"'{text}'" if "<" in text else text
    if is_list(field):
        return f"pulumi config set {flags}--path '{key}{item or '[0]'}' {quoted}"
    return f"pulumi config set {flags}{key} {quoted}"


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] == "refused":
        return str(detail.get("ctx", {})["reason"])
    if detail["type"] == "tuple_type":
        return "it must be a list"
    message = detail["msg"].removeprefix("Input should be ")
    return message if message == detail["msg"] else f"it must be {message}"


def _accepted(context: Mapping[str, Any], field: FieldInfo) -> object:
    """Return a value that would be accepted: the one next to what was meant, if the rule knows it."""
    for limit in ("use", "ge", "le"):
        if limit in context:
            return context[limit]
    return _example(field)


def _example(field: FieldInfo) -> object:
    return field.examples[0] if field.examples else field.default
