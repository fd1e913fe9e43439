"""Names of records: "<source>-<id>", of `[A-Za-z0-9-]` alone, and different for different (source, id).

A hyphen in the source's name is written twice, and what follows the single one is the id, which never begins with one:
`a-b` + `c` is `a--b-c`, and `a` + `b-c` is `a-b-c`. An id of other characters, or of more than 64, is written as `h-`
and its SHA-256 in base 32; one that begins with `h-` itself is too, so that nobody can choose the name of another's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

SOURCE_NAME: Final = re.compile(r"(?=.{1,32}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
"""A source's name: part of keys, ids and metric dimensions."""
RECORD_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{1,126})[A-Za-z0-9-]")
"""What every record id looks like; nothing else needs to be looked up."""

_SOURCE_OF: Final = re.compile(r"(?P<source>[a-z0-9]+(?:--[a-z0-9]+)*)-[A-Za-z0-9]")
_PLAIN: Final = re.compile(r"(?!h-)[A-Za-z0-9][A-Za-z0-9-]{0,63}")


def record_id(source: str, own_id: str) -> str:
    """Return the name of a record, at most 128 characters.

    Args:
        source: name of the source, as `SOURCE_NAME` has it.
        own_id: what the source calls the record; not empty, and encodable as UTF-8.

    Raises:
        ValueError: the id is empty or cannot be encoded.
    """
    if not own_id:
        raise ValueError("the id is empty")
    return f"{source.replace('-', '--')}-{own_id if _PLAIN.fullmatch(own_id) else _hashed(own_id)}"


def source_of(record: str) -> str:
    """Return the source in the name of a record, as `RECORD_ID` has it: what stands before the first single hyphen.

    >>> source_of(record_id("a-b", "c-d"))
    'a-b'

    Raises:
        ValueError: there is none, or what stands there is no source's name.
    """
    found = _SOURCE_OF.match(record)
    name = found["source"].replace("--", "-") if found else ""
    if not SOURCE_NAME.fullmatch(name):
        raise ValueError("the name of a record begins with that of a source")
    return name


def _hashed(own_id: str) -> str:
    digest = hashlib.sha256(own_id.encode()).digest()
    return "h-" + base64.b32encode(digest).decode().rstrip("=").lower()
