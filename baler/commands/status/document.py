"""A status for programs: what was found, what is wrong, and what could not be asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from baler.commands.status.health import Unanswered, worst

if TYPE_CHECKING:
    from baler.commands.status.events.health import EventStatus
    from baler.commands.status.health import Status
    from baler.commands.status.lake.health import LakeStatus


def documents(files: Status | None, **others: EventStatus | LakeStatus | None) -> dict[str, Any]:
    """Return the status of a stack as JSON has it; what is of another pipeline than the files stands under its name."""
    found = [each for each in (files, *others.values()) if each is not None]
    told = {} if files is None else document(files)
    told |= {pipeline: document(each) for pipeline, each in others.items() if each is not None}
    first = found[0]
    return {
        **told,
        "stack": first.stack,
        "at": first.at.isoformat(),
        "health": worst(each.health for each in found).value,
        "reasons": [reason for each in found for reason in each.reasons()],
    }


def document(status: Status | EventStatus | LakeStatus) -> dict[str, Any]:
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
