"""Which version of Baler this is."""

from __future__ import annotations

from typing import Final

DISTRIBUTION: Final = "s3-baler"
"""What the wheel is called: on PyPI `baler` is a stranger's."""


def version() -> str:
    """Return it."""
    # It imports much, and few calls of the command need it.
    from importlib import metadata  # noqa: PLC0415

    return metadata.version(DISTRIBUTION)
