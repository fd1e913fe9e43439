"""The pipelines that are built, by the name that `baler:pipelines` gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from components.events.pipeline import EventsPipeline
from components.events.settings import EventsSettings
from components.files.pipeline import FilesPipeline
from components.files.settings import FilesSettings
from components.lake.pipeline import LakePipeline
from components.lake.settings import LakeSettings
from components.pipeline import Pipeline, Stack
from components.settings.model import PipelineSettings

_Settings = TypeVar("_Settings", bound=PipelineSettings)


@dataclass(frozen=True)
class PipelineKind(Generic[_Settings]):
    """What a pipeline can set, and how one is made: with its name, in a stack, as it is set."""

    settings: type[_Settings]
    pipeline: Callable[[str, Stack, _Settings], Pipeline]


PIPELINES: Final[Mapping[str, PipelineKind[Any]]] = {
    "files": PipelineKind(FilesSettings, FilesPipeline),
    "events": PipelineKind(EventsSettings, EventsPipeline),
    "lake": PipelineKind(LakeSettings, LakePipeline),
}

SETTINGS: Final[Mapping[str, type[PipelineSettings]]] = {name: kind.settings for name, kind in PIPELINES.items()}
"""What each can set."""
