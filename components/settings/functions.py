"""What all functions of a stack have in common: processor, Python, logs and the way in which a version takes over."""

from typing import Literal

from components.settings.model import SettingsModel
from components.settings.types import LogRetentionDays


class FunctionSettings(SettingsModel):
    """How functions are packaged, rolled out and logged."""

    function_architecture: Literal["arm64", "x86_64"] = "arm64"
    """Processor that the function runs on and is packaged for."""

    function_python: Literal["3.11", "3.12", "3.13"] = "3.13"
    """Python that the function runs on and is packaged for."""

    rollout: Literal["canary", "at-once"] = "canary"
    """How a new version takes over: at-once, or canary, where `baler deploy` tries a tenth first and alarms go back."""

    log_retention_days: LogRetentionDays = 30
    """Days that the logs of function and network are kept; one of the numbers that CloudWatch Logs accepts."""

    log_level: Literal["DEBUG", "INFO"] = "INFO"
    """Least severe message that the function logs. Nothing above INFO, the level that Lambda takes metrics for."""
