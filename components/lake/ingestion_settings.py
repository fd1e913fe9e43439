"""Ingestion: when sources are asked, which they are, and what the function has to work with."""

import ipaddress
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from baler.lake.sources import DeclarationError, origin_of
from components.lake import timing
from components.lake.declared import Declared, declared
from components.settings.model import PipelineSettings, shared
from components.settings.types import each_once, refusal

ORIGIN_EXAMPLE: Final = "http://127.0.0.1:<port>"


def _loopback_origin(value: str) -> str:
    try:
        host = urlsplit(value).hostname or ""
        is_origin = origin_of(value) == value and value.startswith("http://") and ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_origin = False
    if not is_origin:
        raise refusal("it must be an origin of HTTP on a loopback address, and nothing behind it", ORIGIN_EXAMPLE)
    return value


class IngestionSettings(PipelineSettings):
    """The schedule, and the sources that it asks."""

    schedule_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """Minutes between two fetches of every source; an event of the schedule that is older is dropped."""

    open_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_loopback_origin)], ...],
        AfterValidator(each_once),
        Field(examples=[ORIGIN_EXAMPLE]),
    ] = ()
    """Origins on loopback that sources may have without HTTPS: a sandbox's stand-ins. Empty in every cloud."""

    sources_file: str = ""
    """TOML file that declares the sources, relative to the project. Empty takes the two that Baler ships."""

    ingestion_memory_megabytes: Annotated[int, Field(ge=128, le=10_240)] = 256
    """Memory of ingestion, which holds an answer of each source; its share of a CPU grows with it."""

    ingestion_timeout_seconds: Annotated[int, Field(ge=20, le=900)] = 60
    """Longest run of ingestion, in seconds: less than the schedule's interval. The last 12 are for what was fetched."""

    @property
    def declared(self) -> Declared:
        """The sources, as the file says that was read and checked with the other settings."""
        return declared(self.sources_file, self.open_origins)

    @property
    def stale_seconds(self) -> int:
        """The age from which an event of the schedule is dropped."""
        return timing.interval_seconds(schedule_minutes=self.schedule_minutes)

    @property
    def event_age_seconds(self) -> int:
        """How long Lambda goes on trying an event that fails."""
        return timing.event_age_seconds(schedule_minutes=self.schedule_minutes)

    @field_validator("open_origins")
    @classmethod
    def _what_is_protected_has_no_stand_ins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if value and shared(info).get("protect_data"):
            raise refusal("a function's own loopback is no source of a stack with baler:protectData", "", item="[0]")
        return value

    @field_validator("sources_file")
    @classmethod
    def _sources_are_declared_well(cls, value: str, info: ValidationInfo) -> str:
        if (open_origins := info.data.get("open_origins")) is None:
            return value
        try:
            declared(value, open_origins)
        except (OSError, UnicodeDecodeError) as error:
            raise refusal(f"it cannot be read ({error})", "<file>.toml") from error
        except DeclarationError as error:
            raise refusal(f"{error} (docs/lake-sources.md)", "<file>.toml") from error
        return value

    @field_validator("ingestion_timeout_seconds")
    @classmethod
    def _a_run_ends_before_the_next(cls, value: int, info: ValidationInfo) -> int:
        if (minutes := info.data.get("schedule_minutes")) is None:
            return value
        if value > (most := timing.longest_run_seconds(schedule_minutes=minutes)):
            raise refusal(
                f"it must be at most {most} with baler:lakeScheduleMinutes {minutes}: the leases of a run, which live "
                f"{timing.LEASE_MARGIN_SECONDS} seconds longer, must end before the next event",
                most,
            )
        return value
