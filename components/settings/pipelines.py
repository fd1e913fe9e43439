"""Which pipelines a stack has."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.settings.model import SettingsModel
from components.settings.types import refusal


def _built(value: str, info: ValidationInfo) -> str:
    built: tuple[str, ...] | None = info.context
    if built is not None and value not in built:
        raise refusal(f"the pipeline is not built yet; this version of Baler has {' and '.join(built)}", "")
    return value


PipelineName = Annotated[Literal["files", "events", "lake"], AfterValidator(_built)]
"""A pipeline of Baler; validated with the names of those that are built as context, one that is among them."""


class PipelinesSettings(SettingsModel):
    """The choice of pipelines."""

    pipelines: Annotated[tuple[PipelineName, ...], Field(examples=["files"])] = ("files",)
    """Pipelines that the stack has: files, events, lake. The settings of each begin with its name."""

    @field_validator("pipelines")
    @classmethod
    def _a_stack_has_each_pipeline_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise refusal("a stack has at least one pipeline", "files")
        for place, name in enumerate(value):
            if name in value[:place]:
                raise refusal(f"it names {name} twice", "", item=f"[{place}]")
        return value
