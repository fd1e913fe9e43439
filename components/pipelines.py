"""The pipelines that are built, by the name that `baler:pipelines` gives them."""

from collections.abc import Mapping
from typing import Final

from components.files.settings import FilesSettings
from components.settings.model import PipelineSettings

SETTINGS: Final[Mapping[str, type[PipelineSettings]]] = {"files": FilesSettings}
"""What each can set."""
