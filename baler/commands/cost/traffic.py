"""What goes through a stack in a month, from the rate of files and the stack's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import files_per_batch
from baler.commands.cost.function import FunctionTime

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings

HOURS_PER_MONTH: Final = 730
SECONDS_PER_MONTH: Final = HOURS_PER_MONTH * 3600
DAYS_PER_MONTH: Final = HOURS_PER_MONTH / 24

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Profile:
    """What the external party sends, and how the consumer keeps up.

    Attributes:
        files_per_second: on average.
        file_bytes: of one file, on average.
        compression_ratio: bytes of files over bytes of their bundle.
        consumer_delay_seconds: how long a bundle waits in the mailbox, on average.
        archive_months: how long the stack has been archiving.
    """

    files_per_second: float
    file_bytes: float
    compression_ratio: float
    consumer_delay_seconds: float
    archive_months: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """What that makes in a month.

    Attributes:
        files, batches, bundles: how many.
        batch_files: files in a batch, on average.
        batch_seconds: that the function takes for one, on average.
        bundle_bytes: of one bundle, on average.
    """

    profile: Profile
    files: float
    batches: float
    bundles: float
    batch_files: float
    batch_seconds: float
    bundle_bytes: float

    @classmethod
    def of(cls, profile: Profile, settings: StackSettings, figures: Figures) -> Traffic:
        """Work it out for a steady rate; bursts make fuller batches, and so fewer."""
        time = FunctionTime(figures, settings.function_memory_megabytes)
        batch_files = files_per_batch(
            profile.files_per_second,
            readers=settings.first_readers,
            batch_size=settings.batch_size,
            batching_window=settings.batching_window_seconds,
            seconds=time.mean,
        )
        bundles_per_batch = max(1.0, batch_files * profile.file_bytes / (settings.max_bundle_megabytes * _MEGABYTE))
        files = profile.files_per_second * SECONDS_PER_MONTH
        return cls(
            profile=profile,
            files=files,
            batches=files / batch_files,
            bundles=files / batch_files * bundles_per_batch,
            batch_files=batch_files,
            batch_seconds=time.mean(batch_files),
            bundle_bytes=batch_files / bundles_per_batch * profile.file_bytes / profile.compression_ratio,
        )
