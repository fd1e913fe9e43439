"""Which pipelines a stack has."""

import difflib
from collections.abc import Sequence
from typing import Annotated, cast

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.settings.model import SettingsModel
from components.settings.types import each_once, refusal


class PipelinesSettings(SettingsModel):
    """The choice of pipelines, which is validated with the names of those that are built as context."""

    pipelines: Annotated[tuple[str, ...], AfterValidator(each_once), Field(examples=["files"])] = ("files",)
    """Pipelines that the stack has: files, events, lake. The settings of each begin with its name."""

    @field_validator("pipelines")
    @classmethod
    def _a_stack_has_pipelines_that_are_built(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        built = cast("Sequence[str]", info.context)
        if not value:
            raise refusal("a stack has at least one pipeline", built[0])
        for place, name in enumerate(value):
            if name not in built:
                raise refusal(
                    f"{name} is no pipeline; this version of Baler has {', '.join(built)}",
                    _instead(name, value, built),
                    item=f"[{place}]",
                )
        return value


def _instead(wrong: str, chosen: Sequence[str], built: Sequence[str]) -> str:
    """Return the pipeline that was meant; if none was, the first one for a stack with no other, else nothing."""
    meant = difflib.get_close_matches(wrong, [name for name in built if name not in chosen], n=1)
    return meant[0] if meant else built[0] if len(chosen) == 1 else ""
