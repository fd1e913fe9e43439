"""The zip of a function."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import FileArchive

from sandbox.engine.errors import UnsupportedResourceError


@dataclass(frozen=True)
class Package:
    """A deployment package.

    Attributes:
        content: The bytes of the zip.
        sha256: Their hash, in base64 as Lambda reports it.
    """

    content: bytes
    sha256: str


def read_package(code: Any, expected_sha256: str | None) -> Package:
    """Read the zip that the program gives as `code`.

    Args:
        code: A `FileArchive` of a zip.
        expected_sha256: The program's `sourceCodeHash`, if it sets one.

    Raises:
        UnsupportedResourceError: The code is another kind of asset, or its hash is not the expected one, which
            would let an update pass for no change.
    """
    if not isinstance(code, FileArchive) or not Path(code.path).is_file():
        raise UnsupportedResourceError("the sandbox takes code as a pulumi.FileArchive of a zip file only.")
    content = Path(code.path).read_bytes()
    sha256 = base64.b64encode(hashlib.sha256(content).digest()).decode()
    if expected_sha256 not in (None, sha256):
        raise UnsupportedResourceError(f"sourceCodeHash is {expected_sha256}, and that of {code.path} is {sha256}.")
    return Package(content, sha256)
