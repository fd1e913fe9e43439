"""What a hook is given about a delivered bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import LedgerEntry


def announcement(
    entry: LedgerEntry,
    files: Sequence[ManifestFile],
    places: Mapping[int, str],
    into: Path,
    folder: str | None = None,
) -> str:
    """Return the JSON document about a bundle, in ASCII: what a key may hold stays escaped.

    Args:
        entry: the bundle.
        files: its files, in the order of its manifest.
        places: by position, the path below `into`, or below its folder, of each file that does not lie under its key.
        into: the folder of files.
        folder: the name in it of the bundle's own folder, if it has one.
    """
    document = {
        "bundle_id": entry.bundle_id,
        "replay_id": entry.replay_id,
        "sha256": entry.sha256,
        "into": str(into),
        "folder": folder,
        "files": [
            {
                "key": file.key,
                "version_id": file.version_id,
                "path": ("" if folder is None else f"{folder}/") + places.get(number, file.key),
                "size": file.size,
                "sha256": file.sha256,
                "event_time": file.event_time,
            }
            for number, file in enumerate(files)
        ],
    }
    return json.dumps(document, separators=(",", ":"))
