"""What a replay would restore, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.archive.bucket import Availability
from baler.prices import GIGABYTE, price

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.files.archive.bucket import ArchivedBundle, RestoreOptions

_DAYS_OF_A_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class RestoreCost:
    """What restores cost at list prices, in US dollars.

    Attributes:
        bundles, bytes: to be restored.
        retrieval: for the bytes.
        requests: for asking.
        storage: of the readable copies in S3 Standard, for the days that they are kept.
    """

    bundles: int
    bytes: int
    retrieval: float
    requests: float
    storage: float

    @property
    def total(self) -> float:
        """All three."""
        return self.retrieval + self.requests + self.storage


def cost_of_restoring(bundles: Iterable[ArchivedBundle], options: RestoreOptions) -> RestoreCost:
    """Estimate the restores of those bundles that are asleep; Intelligent-Tiering restores without charge.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
    """
    sizes = [bundle.size for bundle in bundles if bundle.availability is Availability.ASLEEP and not bundle.tiered]
    gigabytes = sum(sizes) / GIGABYTE
    return RestoreCost(
        bundles=len(sizes),
        bytes=sum(sizes),
        retrieval=price(f"deep_archive_restore_{options.tier}").of(gigabytes),
        requests=price(f"deep_archive_request_{options.tier}").of(len(sizes)),
        storage=price("s3_standard").of(gigabytes) * options.keep_days / _DAYS_OF_A_MONTH,
    )
