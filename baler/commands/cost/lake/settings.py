"""The settings of the lake, as far as they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from baler.commands.cost.settings import SharedStackSettings, StackFilesError
from baler.lake.declarations import read_declarations, shipped_declarations
from baler.lake.sources import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

    from baler.lake.sources import Source


class LakeStackSettings(SharedStackSettings):
    """What costs of the lake; days of 0 are for ever."""

    schedule_minutes: int = Field(alias="lakeScheduleMinutes", ge=1)
    ingestion_memory_megabytes: int = Field(alias="lakeIngestionMemoryMegabytes", ge=128)
    curation_memory_megabytes: int = Field(alias="lakeCurationMemoryMegabytes", ge=128)
    api_memory_megabytes: int = Field(alias="lakeApiMemoryMegabytes", ge=128)
    keep_versions: bool = Field(alias="lakeKeepVersions")
    record_retention_days: int = Field(alias="lakeRecordRetentionDays", ge=0)
    raw_retention_days: int = Field(alias="lakeRawRetentionDays", ge=0)
    log_retention_days: int = Field(alias="lakeLogRetentionDays", ge=1)
    dashboard: bool = Field(alias="lakeDashboard")
    sources_file: str = Field(alias="lakeSourcesFile")
    open_origins: tuple[str, ...] = Field(alias="lakeOpenOrigins")

    def declared_sources(self, project: Path) -> tuple[Source, ...]:
        """Return the sources of the stack.

        Args:
            project: the folder that Pulumi.yaml is in.

        Raises:
            StackFilesError: their file cannot be read, or is wrong.
        """
        try:
            file = self.sources_file
            text = (project / file).read_text(encoding="utf-8") if file else shipped_declarations()
            return read_declarations(text, frozenset(self.open_origins))
        except (OSError, UnicodeDecodeError, DeclarationError) as error:
            raise StackFilesError(f"The file of sources, {self.sources_file}, cannot be read: {error}") from error
