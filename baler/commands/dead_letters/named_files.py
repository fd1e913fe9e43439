"""Every file that a message names in any way, for messages that cannot be read as what they should be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY_NAMES: Final = ("key", "Key", "objectKey", "object_key")
_VERSION_NAMES: Final = ("versionId", "version-id", "VersionId", "version_id")
# In text that is no JSON, or was cut off, at any depth of escaping.
_IN_TEXT: Final = re.compile(r'"(?:key|Key|objectKey|object_key)\\*"\s*:\s*\\*"([^"\\]+)')


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a message names, as far as that can be made out; the attributes are those of LandedFile."""

    bucket: str | None
    key: str
    version_id: str | None = None
    etag: None = None
    size: None = None
    event_time: None = None


def named_files(body: str) -> list[NamedFile]:
    """Return the files that a message names, each once, whatever it is wrapped in and whatever is missing.

    Keys are form-encoded below `s3`, as S3's own records have them, and nowhere else in JSON. In text that is no JSON
    nobody can tell, so a key is returned in both spellings there.
    """
    return list(dict.fromkeys(_mentions(body)))


def _mentions(body: str) -> Iterator[NamedFile]:
    """Walk through JSON, and JSON in its texts; without recursion, which a hostile message would exhaust."""
    waiting = [_Fragment(body)]
    while waiting:
        part = waiting.pop()
        value = part.value
        if isinstance(value, str):
            if value is body or value.lstrip().startswith(("{", "[")):
                try:
                    waiting.append(_Fragment(json.loads(value), part.bucket))
                except (ValueError, RecursionError):
                    for key in _IN_TEXT.findall(value):
                        yield NamedFile(part.bucket, key)
                        yield NamedFile(part.bucket, _decoded(key))
        elif isinstance(value, list):
            waiting += [replace(part, value=item) for item in reversed(cast("list[object]", value))]
        elif isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            bucket = _bucket(fields) or part.bucket
            if key := _text(fields, _KEY_NAMES):
                yield NamedFile(bucket, _decoded(key) if part.encoded else key, _version(fields))
            waiting += [
                _Fragment(item, bucket, part.encoded or name == "s3") for name, item in reversed(fields.items())
            ]


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A part of a message: what it is, the bucket that is named around it, and whether keys in it are encoded."""

    value: object
    bucket: str | None = None
    encoded: bool = False


def _decoded(key: str) -> str:
    return unquote_plus(key, errors="surrogateescape")


def _bucket(fields: dict[str, Any]) -> str | None:
    bucket = fields.get("bucket")
    if isinstance(bucket, dict):
        return _text(cast("dict[str, Any]", bucket), ("name",))
    return _text(fields, ("bucket", "bucketName"))


def _version(fields: dict[str, Any]) -> str | None:
    version = _text(fields, _VERSION_NAMES)
    return version if version and version.isascii() and version.isprintable() else None


def _text(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    texts = (fields.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text), None)
