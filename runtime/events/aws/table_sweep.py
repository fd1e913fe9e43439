"""Deletes files of the table that no snapshot lists any more: replaced ones, and those of commits that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pyiceberg.table import Table


class ListFiles(Protocol):
    """Lists files."""

    def __call__(self, location: str, /) -> Iterable[tuple[str, datetime]]:
        """Yield the address of each file below a location, and when it was written, UTC."""
        ...


def sweep(table: Table, list_files: ListFiles, before: datetime) -> int:
    """Expire snapshots that are older, and delete files as old that no other one lists; return how many.

    A file is written before the snapshot that lists it, by an invocation that lasts minutes. So what is older than that
    and listed by no snapshot now is listed by none ever. If this dies halfway, the next run finds the rest.
    """
    current = table.metadata.current_snapshot_id
    old = [each.snapshot_id for each in table.snapshots() if _is_older(each.timestamp_ms, before)]
    expired = [each for each in old if each != current]
    if expired:
        table.maintenance.expire_snapshots().by_ids(expired).commit()
    listed = _listed(table)
    doomed = [
        address
        for folder in ("data", "metadata")
        for address, written_at in list_files(f"{table.location()}/{folder}/")
        # Files of metadata are pyiceberg's own to delete (write.metadata.delete-after-commit.enabled).
        if written_at < before and address not in listed and not address.endswith(".metadata.json")
    ]
    for address in doomed:
        table.io.delete(address)
    return len(doomed)


def _listed(table: Table) -> set[str]:
    found: set[str] = set()
    for snapshot in table.snapshots():
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path not in found:
                found.add(manifest.manifest_path)
                found.update(each.data_file.file_path for each in manifest.fetch_manifest_entry(table.io))
    return found


def _is_older(timestamp_ms: int, moment: datetime) -> bool:
    return timestamp_ms < moment.timestamp() * 1000
