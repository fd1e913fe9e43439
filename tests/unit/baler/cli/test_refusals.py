"""Which failures of calls to AWS pass by themselves for the one who runs a command."""

from __future__ import annotations

import ssl
from http.client import HTTPException
from typing import Any

import pytest
from botocore import exceptions
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


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="x"), True),
        (exceptions.ConnectTimeoutError(endpoint_url="x"), True),
        (exceptions.ReadTimeoutError(endpoint_url="x"), True),
        (HTTPException("a chunk without an end"), True),
        (exceptions.SSLError(endpoint_url="x", error=ssl.SSLCertVerificationError()), False),
        (exceptions.NoCredentialsError(), False),
        (exceptions.NoRegionError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_answer_passes_and_a_wrong_setting_does_not(error: Exception, *, passing: bool) -> None:
    assert passes(error) is passing
