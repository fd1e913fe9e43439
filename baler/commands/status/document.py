"""A status for programs: what was found, what is wrong, and what could not be asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from baler.commands.status.health import Unanswered

if TYPE_CHECKING:
    from baler.commands.status.health import Status


def document(status: Status) -> dict[str, Any]:
    """Return a status as JSON has it: a part that is not known is null, and `unanswered` says why."""
    parts = {
        name: None if isinstance(getattr(status, name), Unanswered) else part
        for name, part in _plain(asdict(status)).items()
    }
    return {
        "health": status.health.value,
        "reasons": status.reasons(),
        "unanswered": status.unanswered(),
        **parts,
    }


def _plain(value: Any) -> Any:
    """Return the value with times in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]  # asdict
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]  # asdict
    return value
