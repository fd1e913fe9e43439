"""The function that Lambda calls."""

from __future__ import annotations

from typing import Any


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Refuse all: the records come again."""
    return {
        "batchItemFailures": [{"itemIdentifier": record.get("messageId", "")} for record in event.get("Records", ())]
    }
