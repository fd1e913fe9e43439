"""Commands as a shell takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def variables(environment: Mapping[str, str]) -> str:
    """Return what stands before a command that gets an environment."""
    return " ".join(f"{name}={value}" for name, value in environment.items())
