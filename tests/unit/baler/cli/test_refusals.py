"""Which answers of AWS pass by themselves for the one who runs a command."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from baler.aws.faults import THROTTLED_CODES, TRANSIENT_CODES
from baler.cli.refusals import MEANINGS, passes


def answer(code: str, status: int) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetObject")


@pytest.mark.parametrize("code", sorted((THROTTLED_CODES | TRANSIENT_CODES) - MEANINGS.keys()))
def test_what_passes_for_the_functions_passes_for_the_command(code: str) -> None:
    assert passes(answer(code, 400))


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_what_only_a_person_can_change_does_not_pass(code: str) -> None:
    assert not passes(answer(code, 403))


def test_only_a_wrong_clock_is_in_both_tables() -> None:
    assert (THROTTLED_CODES | TRANSIENT_CODES) & MEANINGS.keys() == {"RequestTimeTooSkewed"}
