"""What all functions of a stack have in common: processor, Python, logs and how a new version is rolled out."""

from typing import Literal

from components.settings.model import SettingsModel
from components.settings.types import LogRetentionDays


class FunctionSettings(SettingsModel):
    """How functions are packaged, rolled out and logged."""

    function_architecture: Literal["arm64", "x86_64"] = "arm64"
    """Processor that functions run on and are packaged for."""

    function_python: Literal["3.11", "3.12", "3.13"] = "3.13"
    """Python that functions run on and are packaged for."""

    rollout: Literal["canary", "at-once"] = "canary"
    """How a version is rolled out: at-once, or canary (a tenth first, by `baler deploy`; alarms roll it back)."""

    log_retention_days: LogRetentionDays = 30
    """Days that the logs of function and network are kept; one of the numbers that CloudWatch Logs accepts."""

    log_level: Literal["DEBUG", "INFO"] = "INFO"
    """Least severe message that functions log. Nothing above INFO, the level that Lambda takes metrics for."""

    @property
    def shifts_aliases(self) -> bool:
        """Whether a deployment moves the aliases of functions from version to version; else an update does."""
        return self.rollout == "canary"
