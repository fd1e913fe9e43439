"""What a failure means, held against what botocore itself tries again."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from botocore.parsers import ResponseParserError
from botocore.retries import standard
from urllib3.exceptions import ProtocolError

from baler.aws.faults import (
    FAILURES,
    THROTTLED_CODES,
    TRANSIENT_CODES,
    TRANSIENT_STATUSES,
    fault_of,
)

SERVICES = ("dynamodb", "s3", "sqs", "sts")


def test_the_codes_of_botocores_standard_mode_are_all_here() -> None:
    theirs: Any = standard  # botocore-stubs leave out what is private
    assert set(theirs.ThrottledRetryableChecker._THROTTLED_ERROR_CODES) <= THROTTLED_CODES
    assert set(theirs.TransientRetryableChecker._TRANSIENT_ERROR_CODES) <= THROTTLED_CODES | TRANSIENT_CODES
    statuses = {
        *theirs.TransientRetryableChecker._TRANSIENT_STATUS_CODES,
        *theirs.ThrottlingStatusCodeChecker._THROTTLING_STATUS_CODES,
    }
    assert statuses <= TRANSIENT_STATUSES


def test_the_codes_of_botocores_table_are_all_here() -> None:
    table: Any = create_loader().load_data("_retry")
    policies: dict[str, Any] = dict(table["definitions"])
    for service in SERVICES:
        policies |= table["retry"].get(service, {}).get("__default__", {}).get("policies", {})
    answers = [policy["applies_when"].get("response", {}) for policy in policies.values()]
    codes = {found["service_error_code"] for found in answers if "service_error_code" in found}
    statuses = {
        found["http_status_code"]
        for found in answers
        if "http_status_code" in found and "service_error_code" not in found
    }
    assert codes <= THROTTLED_CODES | TRANSIENT_CODES
    assert statuses <= TRANSIENT_STATUSES


@pytest.mark.parametrize("service", SERVICES)
def test_the_errors_that_a_service_declares_as_retryable_are_all_here(service: str) -> None:
    model: Any = create_loader().load_service_model(service, "service-2")
    shapes = {name: shape for name, shape in model["shapes"].items() if "retryable" in shape}
    codes = {shape.get("error", {}).get("code", name) for name, shape in shapes.items()}
    assert codes <= THROTTLED_CODES | TRANSIENT_CODES


def refusal(code: str, status: int, **metadata: Any) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status, **metadata}}
    return ClientError(response, "PutItem")


@pytest.mark.parametrize(
    ("error", "passes", "may_have_taken_effect"),
    [
        (refusal("ProvisionedThroughputExceededException", 400), True, False),
        (refusal("SlowDown", 503), True, False),
        (refusal("ServiceUnavailable", 503), True, True),
        (refusal("InternalServerError", 500), True, True),
        (refusal("NotImplemented", 501), False, True),
        (refusal("AccessDenied", 403), False, False),
        (refusal("ValidationException", 400), False, False),
        (refusal("PermanentRedirect", 301), False, False),
        (refusal("ConditionalRequestConflict", 409), True, False),
        # What boto3 tried before it was refused may have gone through.
        (refusal("AccessDenied", 403, RetryAttempts=1), False, True),
        (exceptions.ReadTimeoutError(endpoint_url="x"), True, True),
        (exceptions.ConnectionClosedError(endpoint_url="x"), True, True),
        (exceptions.HTTPClientError(error="x"), True, True),
        (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), True, True),
        (ResponseParserError("no XML"), True, True),
        (ProtocolError("broken"), True, True),  # botocore's body of an object lets it through
        (exceptions.ConnectTimeoutError(endpoint_url="x"), True, False),
        (exceptions.EndpointConnectionError(endpoint_url="x"), True, False),
        (exceptions.SSLError(endpoint_url="x", error=ssl.SSLEOFError()), True, False),
        (exceptions.SSLError(endpoint_url="x", error=ssl.SSLCertVerificationError()), False, False),
        (exceptions.ParamValidationError(report="x"), False, False),
        (exceptions.NoCredentialsError(), False, False),
        (exceptions.PartialCredentialsError(provider="x", cred_var="y"), False, False),
        (exceptions.NoRegionError(), False, False),
        (exceptions.EndpointVariantError(tags="x"), False, False),
        (exceptions.EndpointResolutionError(msg="x"), False, False),
    ],
)
def test_a_failure_passes_or_not_and_may_have_taken_effect_or_not(
    error: Exception, *, passes: bool, may_have_taken_effect: bool
) -> None:
    assert isinstance(error, FAILURES)
    fault = fault_of(error)
    assert (fault.passes, fault.may_have_taken_effect) == (passes, may_have_taken_effect)
    assert fault.reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "3"}, 3),
        ({"x-amz-retry-after": "250"}, 0.25),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "Fri, 20 Nov 2026 09:00:00 GMT"}, 0),
    ],
)
def test_the_wait_that_an_answer_asks_for_is_read(headers: dict[str, str], seconds: float) -> None:
    assert fault_of(refusal("SlowDown", 503, HTTPHeaders=headers)).retry_after_seconds == seconds
