"""From which size a bundle in Deep Archive costs less than one that stays in S3 Standard, by the price list."""

from __future__ import annotations

from functools import cache
from typing import Final

from baler.prices import GIGABYTE, price

# S3 user guide, "Understanding and managing Amazon S3 storage classes": what an archived object takes beside its bytes.
OVERHEAD_STANDARD_BYTES: Final = 8 * 1024
OVERHEAD_ARCHIVE_BYTES: Final = 32 * 1024

KEPT_YEARS: Final = 7
"""How long a bundle must be kept at least for its move to pay: as long as receipts are, by default."""


@cache
def worth_moving_bytes() -> int:
    """Return from how many bytes on a bundle makes up, within KEPT_YEARS, for its move and what it takes beside."""
    months = 12 * KEPT_YEARS
    standard, archive = price("s3_standard").of(1), price("deep_archive").of(1)
    overhead = (OVERHEAD_STANDARD_BYTES * standard + OVERHEAD_ARCHIVE_BYTES * archive) / GIGABYTE
    spent = price("deep_archive_transition").of(1) + months * overhead
    return round(spent / (months * (standard - archive)) * GIGABYTE)
