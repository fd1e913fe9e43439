"""How a bundle comes into sight: file by file under their keys, or as a folder of its own, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from baler.commands.consume.publisher import Publisher
    from baler.commands.consume.whole_bundle import WholeBundlePublisher
    from baler.files.ledger.ledger import LedgerEntry


@dataclass(frozen=True, slots=True)
class Publication:
    """Publishes a bundle in the way that is asked for, but finishes in its own way what was begun in the other.

    Attributes:
        by_file: publishes file by file.
        whole: publishes whole bundles.
        whole_bundles: whole bundles are asked for.
    """

    by_file: Publisher
    whole: WholeBundlePublisher
    whole_bundles: bool = False

    @property
    def into(self) -> Path:
        """The folder of files."""
        return self.by_file.into

    def publish(self, entry: LedgerEntry) -> None:
        """Bring a bundle from `unpacked` to `delivered`.

        Raises:
            StagingLostError: staged files are missing or were changed.
        """
        self._publisher(entry).publish(entry)

    def published_before(self, entry: LedgerEntry) -> frozenset[int]:
        """Return which files of a bundle, by position, were published for sure and are not staged any more."""
        return self._publisher(entry).published_before(entry)

    def _publisher(self, entry: LedgerEntry) -> Publisher | WholeBundlePublisher:
        if self.whole.has_begun(entry):
            return self.whole
        # Some of its files may be in sight: 0 where none is, None where an older version did not note it.
        begun = self.by_file.begun(entry) != 0
        return self.whole if self.whole_bundles and not begun else self.by_file
