"""The refusal of a stack's settings: one sentence and one command for each wrong key."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class WrongSetting:
    """A key of the stack that cannot be used as it is."""

    key: str
    """With its namespace, as in the stack file: `baler:filesBatchSize`. Or "The stack's name", which is no key."""

    problem: str
    """What is the matter, value included, as the rest of a sentence that begins with the key."""

    fix: str
    """The command that repairs it."""


class SettingsError(pulumi.RunError):
    """The stack's settings are refused. Pulumi prints the message without a traceback.

    Attributes:
        wrong: every wrong setting, not the first alone.
    """

    def __init__(self, stack: str, wrong: Sequence[WrongSetting]) -> None:
        self.wrong = tuple(wrong)
        lines = [f"Stack '{stack}' cannot be deployed with these settings:"]
        for setting in self.wrong:
            lines += ["", f"  {setting.key} {setting.problem}", f"    fix: {setting.fix}"]
        super().__init__("\n".join(lines))
