from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runtime.events.recovery.request import BadRequestError, RedriveRequest, ReplayRequest, recovery_request

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
REDRIVE = {
    "run": "redrive-20261126T134500Z-0a1b2c",
    "at_most": 100,
    "seconds": 20,
    "dry_run": False,
    "life": None,
    "key": "aws/lambda/x",
}
REPLAY = {
    **REDRIVE,
    "run": "replay-20261126T134500Z-0a1b2c",
    "shard_id": "s",
    "start": 0,
    "end": 1,
    "after": "",
    "put_back": False,
}


def test_the_id_of_the_run_says_which_kind_is_asked_for() -> None:
    assert isinstance(recovery_request(REDRIVE, NOW), RedriveRequest)
    assert isinstance(recovery_request(REPLAY, NOW), ReplayRequest)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**REDRIVE, "run": "mine"},
        {**REDRIVE, "at_most": 0},
        {**REDRIVE, "at_most": 10**6},
        {**REDRIVE, "seconds": float("nan")},
        {**REDRIVE, "seconds": 10**6},
        {name: value for name, value in REDRIVE.items() if name != "key"},
        {**REPLAY, "start": "yesterday"},
        {**REPLAY, "end": None},
    ],
)
def test_what_no_command_asks_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError, match="no request"):
        recovery_request(document, NOW)


def test_a_run_that_is_hours_old_is_refused() -> None:
    """A try of it may have died with objects that are announced no more: a new run puts them under names of its own."""
    with pytest.raises(BadRequestError, match="begin a new one"):
        recovery_request(REDRIVE, NOW + timedelta(hours=6))
