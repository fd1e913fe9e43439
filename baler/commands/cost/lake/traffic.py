"""What goes through the lake in a month, from its sources, its callers and the stack's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH

if TYPE_CHECKING:
    from baler.commands.cost.lake.settings import LakeStackSettings

NEW_RECORDS: Final = 10.0
"""Of a published answer, on average, unless somebody knows better."""
REQUESTS: Final = 10_000.0
"""Of the API, a month: what document 4 counts."""
_SECONDS_PER_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class LakeProfile:
    """What sources send and callers ask.

    Attributes:
        sources: how many.
        answer_records: records of one answer, on average.
        record_bytes: of one of them.
        published_share: answers that are not what the source said before, and so are put and curated.
        new_records: of a published answer, on average, that are new or changed.
        requests: of the API, a month.
        months: how long the stack has been fetching.
    """

    sources: int = 2
    answer_records: float = 55.0
    record_bytes: float = 700.0
    published_share: float = 0.5
    new_records: float = NEW_RECORDS
    requests: float = REQUESTS
    months: float = 12.0


@dataclass(frozen=True, slots=True)
class LakeTraffic:
    """What that makes in a month.

    Attributes:
        runs: of ingestion.
        fetches: of all sources.
        objects: raw objects that are put and curated.
        known: records that curation looks up.
        written: records that are new or changed.
        kept_records: in the table.
        kept_objects: in the raw bucket.
    """

    profile: LakeProfile
    runs: float
    fetches: float
    objects: float
    known: float
    written: float
    kept_records: float
    kept_objects: float

    @classmethod
    def of(cls, profile: LakeProfile, settings: LakeStackSettings) -> LakeTraffic:
        """Work it out for sources that fare well."""
        runs = SECONDS_PER_MONTH / (settings.schedule_minutes * _SECONDS_PER_MINUTE)
        fetches = runs * profile.sources
        objects = fetches * profile.published_share
        written = objects * profile.new_records
        return cls(
            profile=profile,
            runs=runs,
            fetches=fetches,
            objects=objects,
            known=objects * profile.answer_records,
            written=written,
            kept_records=written * _months(profile, settings.record_retention_days),
            kept_objects=objects * _months(profile, settings.raw_retention_days),
        )

    @property
    def answer_bytes(self) -> float:
        """Bytes of one answer."""
        return self.profile.answer_records * self.profile.record_bytes


def _months(profile: LakeProfile, days: int) -> float:
    return min(profile.months, days / DAYS_PER_MONTH) if days else profile.months
