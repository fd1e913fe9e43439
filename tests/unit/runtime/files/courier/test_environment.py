"""What the courier refuses to begin with."""

from __future__ import annotations

import pytest

from baler.environment_variables import InvalidEnvironment
from runtime.files.courier.environment import Environment, StoreVariables

HTTP = {
    "STACK": "test",
    "DISTRIBUTION_BUCKET": "mailbox",
    "COURIER_TABLE": "courier",
    "DELIVERY": "http",
    "RECEIVER_URL": "https://nifi.example/contentListener",
    "RECEIVER_ADDRESS": "10.1.2.3",
    "RECEIVER_SECRET": "arn:aws:secretsmanager:eu-west-2:000000000000:secret:receiver",
    "SEND_TIMEOUT_SECONDS": "30",
    "FAILURES_TO_OPEN": "3",
    "PROBE_INTERVAL_SECONDS": "20",
    "PARALLEL_SENDS": "4",
    "REFUSAL_TRIES": "5",
    "CREDENTIALS_GRACE_SECONDS": "300",
    "RECEIPT_LIFETIME_SECONDS": "220752000",
}
S3 = {
    **HTTP,
    "DELIVERY": "s3",
    "RECEIVER_BUCKET": "bundles",
    "RECEIVER_PREFIX": "",
    "RECEIVER_REGION": "us-east-1",
    "RECEIVER_PATH_STYLE": "true",
    "RECEIVER_CONDITIONAL_PUTS": "false",
    "RECEIVER_VERIFY_BY_READ": "false",
    "RECEIVER_CHECKSUMS": "when-required",
}


def test_an_endpoint_needs_nothing_of_a_store() -> None:
    environment = Environment.read(HTTP)
    assert environment.store is None
    limits = environment.limits
    assert (limits.breaker.failures_to_open, limits.breaker.probe_interval_seconds) == (3, 20)
    assert (limits.send_timeout_seconds, limits.parallel_sends, limits.refusal_tries) == (30, 4, 5)
    assert (environment.credentials_grace_seconds, environment.receipt_lifetime_seconds) == (300, 220_752_000)


def test_a_store_is_read_whole() -> None:
    assert Environment.read(S3).store == StoreVariables(
        bucket="bundles",
        prefix="",
        region="us-east-1",
        path_style=True,
        conditional_puts=False,
        verify_by_read=False,
        checksums="when-required",
    )


@pytest.mark.parametrize("name", sorted(set(S3) - {"RECEIVER_PREFIX"}))
@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_missing_or_empty_is_refused_by_its_name(name: str, value: str | None) -> None:
    variables = {key: text for key, text in S3.items() if key != name} | ({} if value is None else {name: value})
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read(variables)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DELIVERY", "pull"),
        ("RECEIVER_PATH_STYLE", "True"),
        ("RECEIVER_CONDITIONAL_PUTS", "1"),
        ("RECEIVER_CHECKSUMS", "never"),
        ("PARALLEL_SENDS", "0"),
        ("SEND_TIMEOUT_SECONDS", "30.5"),
        ("FAILURES_TO_OPEN", "-1"),
        ("REFUSAL_TRIES", "٣"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_it_must_be(name: str, value: str) -> None:
    with pytest.raises(InvalidEnvironment, match=f"{name} is {value!r}: it must be"):
        Environment.read({**S3, name: value})


def test_there_may_be_no_grace() -> None:
    assert Environment.read({**HTTP, "CREDENTIALS_GRACE_SECONDS": "0"}).credentials_grace_seconds == 0
