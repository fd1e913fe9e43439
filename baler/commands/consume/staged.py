"""What is staged of a bundle, as far as it can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.files.bundle.manifest import ManifestError
from baler.files.unpacking.unpack import manifest_sha256, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from baler.files.bundle.manifest import Manifest
    from baler.files.ledger.ledger import LedgerEntry


class StagingLostError(Exception):
    """What was staged of a bundle is not there any more, or is not what was staged; the message says how."""


def staged_manifest(entry: LedgerEntry, staging: Path) -> Manifest:
    """Read the manifest that was staged, if it still is that."""
    if staging.is_symlink():
        raise StagingLostError("its staging folder was replaced")
    try:
        if entry.manifest_sha256 not in {None, manifest_sha256(staging)}:
            raise StagingLostError("its staged manifest was changed")
        return read_manifest(staging)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError, ManifestError) as error:
        raise StagingLostError(f"its staged manifest cannot be read ({error})") from error


def staged_names(staging: Path) -> frozenset[str]:
    """Return what is staged; nothing where there is no folder."""
    try:
        return frozenset(entry.name for entry in staging.iterdir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return frozenset()
