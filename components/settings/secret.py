"""Settings that were set with `--secret`: they stay secret in whatever is made of them, the state included."""

from collections.abc import Sequence
from typing import Final, overload

import pulumi
from pydantic.fields import FieldInfo

from components.settings.model import qualified


class _CanBeSecret:
    """Marks a field in its annotation."""


CAN_BE_SECRET: Final = _CanBeSecret()
"""Marks a setting whose value goes into resources as it is. What the program reckons with cannot be kept secret."""


def can_be_secret(field: FieldInfo) -> bool:
    """Tell whether a setting's value can be kept secret."""
    return CAN_BE_SECRET in field.metadata


def is_secret(key: str) -> bool:
    """Tell whether the stack's value for a key is encrypted; for a list, whether that of one item is."""
    return pulumi.runtime.is_config_secret(qualified(key))


@overload
def as_input(key: str, value: str) -> pulumi.Input[str]: ...
@overload
def as_input(key: str, value: tuple[str, ...]) -> Sequence[pulumi.Input[str]]: ...
def as_input(key: str, value: str | tuple[str, ...]) -> pulumi.Input[str] | Sequence[pulumi.Input[str]]:
    """Return what came from a key as an input of resources: an output that Pulumi encrypts where the key is secret.

    An empty value stays what it is: there is nothing to keep, and components ask whether it is empty.
    """
    if not value or not is_secret(key):
        return value
    return pulumi.Output.secret(value) if isinstance(value, str) else [pulumi.Output.secret(item) for item in value]
