"""MANIFEST.json: what a bundle holds, and the hash of each file in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from datetime import datetime

FORMAT_VERSION: Final = 1
MEMBER: Final = "MANIFEST.json"

# User metadata of a bundle's object; S3 adds the prefix `x-amz-meta-`.
META_SHA256: Final = "content-sha256"
META_FILE_COUNT: Final = "file-count"
META_FORMAT_VERSION: Final = "format-version"
# When the oldest of its files landed, as the manifest has it: what a delivery's latency is measured from.
META_OLDEST_EVENT: Final = "oldest-event-time"
# In the mailbox alone: the id of the replay that put the bundle there, for a consumer that has had it before.
META_REPLAY: Final = "replay"
# In the quarantine alone: why the receiver refused the bundle.
META_REFUSAL: Final = "refusal"

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """A manifest that is not one: the message says what is wrong with it."""


class NewerFormatError(ManifestError):
    """A manifest of a format that is newer than this program.

    Attributes:
        version: its format version.
    """

    def __init__(self, version: int) -> None:
        super().__init__(f"format version {version}, this program reads {FORMAT_VERSION}: a newer Baler is needed")
        self.version = version


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of a bundle.

    Attributes:
        key: the exact object key, whatever it holds.
        version_id: the object's version, or None where the landing bucket keeps no versions.
        size: bytes.
        event_time: when S3 took the object: ISO 8601, UTC.
        sha256: of the file's bytes, 64 hexadecimal digits.
        member: the name of the tar member that holds the bytes.
    """

    key: str
    version_id: str | None
    size: int
    event_time: str
    sha256: str
    member: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds, in the order of its members."""

    bundle_id: str
    created_at: str
    files: tuple[ManifestFile, ...]

    def to_bytes(self) -> bytes:
        """Return the JSON document, UTF-8; keys that no text encoding takes are escaped."""
        document = {
            "format_version": FORMAT_VERSION,
            "bundle_id": self.bundle_id,
            "created_at": self.created_at,
            "files": [
                {
                    "key": file.key,
                    "version_id": file.version_id,
                    "size": file.size,
                    "event_time": file.event_time,
                    "sha256": file.sha256,
                    "member": file.member,
                }
                for file in self.files
            ],
        }
        return json.dumps(document, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, document: bytes) -> Manifest:
        """Read a manifest, believing nothing of it.

        Raises:
            NewerFormatError: of a newer format version, which decides what the rest means.
            ManifestError: not JSON, a field missing or of another type, a member twice.
        """
        try:
            fields: Any = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise ManifestError(f"the manifest is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise ManifestError("the manifest is not a JSON object")
        top = cast("dict[str, Any]", fields)
        version = top.get("format_version")
        if not isinstance(version, int) or isinstance(version, bool) or version < FORMAT_VERSION:
            raise ManifestError(f"format version {version!r}, this program reads {FORMAT_VERSION}")
        if version > FORMAT_VERSION:
            raise NewerFormatError(version)
        listed = top.get("files")
        if not isinstance(listed, list):
            raise ManifestError("the manifest has no list of files")
        files = tuple(_file(position, entry) for position, entry in enumerate(cast("list[Any]", listed)))
        members = {file.member for file in files}
        if len(members) != len(files):
            raise ManifestError("the manifest names a member twice")
        return cls(_text(top, "bundle_id", "the manifest"), _text(top, "created_at", "the manifest"), files)


def _file(position: int, entry: object) -> ManifestFile:
    where = f"file {position} of the manifest"
    if not isinstance(entry, dict):
        raise ManifestError(f"{where} is not a JSON object")
    fields = cast("dict[str, Any]", entry)
    version_id = fields.get("version_id")
    if version_id is not None and not isinstance(version_id, str):
        raise ManifestError(f"{where}: version_id is neither text nor null")
    size = fields.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ManifestError(f"{where}: size is not a number of bytes")
    sha256 = _text(fields, "sha256", where)
    if not is_sha256(sha256):
        raise ManifestError(f"{where}: sha256 is not 64 hexadecimal digits")
    return ManifestFile(
        key=_text(fields, "key", where),
        version_id=version_id,
        size=size,
        event_time=_text(fields, "event_time", where),
        sha256=sha256,
        member=_text(fields, "member", where),
    )


def _text(fields: dict[str, Any], name: str, where: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ManifestError(f"{where}: {name} is missing or not text")
    return value


def is_sha256(text: str) -> bool:
    """Tell whether a text is a SHA-256 as bundles write it: 64 hexadecimal digits, in small letters."""
    return _SHA256.fullmatch(text) is not None


def timestamp(moment: datetime) -> str:
    """Write a UTC time as bundles do: ISO 8601 with milliseconds and a Z."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
