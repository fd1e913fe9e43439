"""Reads settings as a stack named `dev` that was given them by Pulumi."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest import mock

import pulumi
import pytest
from pulumi.runtime.config import CONFIG

from components.settings.error import SettingsError
from components.settings.stack import StackSettings, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.settings.model import PipelineSettings


def read(settings: Mapping[str, Any], models: Mapping[str, type[PipelineSettings]]) -> StackSettings:
    """Read these settings, by qualified key, and no others; None stands for a key that is not there."""
    given = {key: value for key, value in settings.items() if value is not None}
    # Pulumi gives every value as a string.
    token = CONFIG.set({key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()})
    try:
        with mock.patch.object(pulumi, "get_stack", return_value="dev"):
            return read_settings(models)
    finally:
        CONFIG.reset(token)


def refusal(settings: Mapping[str, Any], models: Mapping[str, type[PipelineSettings]]) -> SettingsError:
    """Return the refusal of these settings."""
    with pytest.raises(SettingsError) as refused:
        read(settings, models)
    return refused.value
