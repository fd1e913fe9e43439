"""The version of Baler that is installed."""

from __future__ import annotations

from importlib import metadata
from typing import Final

DISTRIBUTION: Final = "s3-baler"
"""What the wheel is called: on PyPI `baler` is a stranger's."""


def version() -> str:
    """Return the version."""
    return metadata.version(DISTRIBUTION)
