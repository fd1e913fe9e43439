"""What a secret may say, and what is named instead of being sent."""

from __future__ import annotations

import json

import pytest

from runtime.files.receivers.credentials import UnusableCredentialsError
from runtime.files.receivers.http.secret import HttpSecret


def parse(**fields: object) -> HttpSecret:
    return HttpSecret.parse(json.dumps(fields))


def basic(name: str, word: str) -> dict[str, str]:
    return {"username": name, "password": word}


def token(header: str, value: str) -> dict[str, str]:
    return {"header": header, "token": value}


def test_an_empty_secret_is_no_credentials() -> None:
    assert HttpSecret.parse("{}") == HttpSecret()


def test_a_name_and_a_password_make_basic_authentication_in_utf_8() -> None:
    # "Aladdin" is the example of RFC 7617; "test:123£" that of its section 2.1.
    assert parse(**basic("Aladdin", "open sesame")).headers == (
        ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    )
    assert parse(**basic("test", "123£")).headers == (("Authorization", "Basic dGVzdDoxMjPCow=="),)


def test_a_token_goes_into_the_header_that_is_named_without_the_line_end_that_was_pasted_with_it() -> None:
    assert parse(**token("X-Token", "not a secret\n")).headers == (("X-Token", "not a secret"),)


def test_a_certificate_may_stand_beside_a_password() -> None:
    secret = parse(certificate="a certificate", key="a key", **basic("u", "p"))
    assert (secret.certificate, secret.key, len(secret.headers)) == ("a certificate", "a key", 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "secret-not-json"),
        ("certificate", "secret-not-json"),
        ("[" * 100_000, "secret-not-json"),
        ("[]", "secret-not-an-object"),
        ('"text"', "secret-not-an-object"),
        ('{"certficate": "x", "key": "y"}', "secret-with-unknown-field"),
        ('{"certificate": "x"}', "key-missing"),
        ('{"key": "x"}', "certificate-missing"),
        ('{"username": "x"}', "password-missing"),
        ('{"password": "x"}', "username-missing"),
        ('{"header": "X-Token"}', "token-missing"),
        ('{"token": "x"}', "header-missing"),
        ('{"certificate": 1, "key": "x"}', "certificate-empty"),
        ('{"ca_certificate": ""}', "ca-certificate-empty"),
        ('{"ca_certificate": null}', "ca-certificate-empty"),
        ('{"username": " ", "password": "x"}', "username-empty"),
        ('{"username": "a:b", "password": "x"}', "username-with-colon"),
        (json.dumps(basic("a", "x\r\nX-Injected: 1")), "password-not-printable"),
        ('{"header": "X-Token", "token": "x\\r\\nX-Injected: 1"}', "token-not-printable"),
        ('{"header": "X-Token", "token": "caf\\u00e9"}', "token-not-printable"),
        ('{"header": "X Token", "token": "x"}', "header-not-allowed"),
        ('{"header": "X-Token:", "token": "x"}', "header-not-allowed"),
        ('{"username": "a", "password": "b", "header": "X-Token", "token": "x"}', "password-and-token"),
    ],
)
def test_what_is_wrong_is_named(text: str, why: str) -> None:
    with pytest.raises(UnusableCredentialsError) as refused:
        HttpSecret.parse(text)
    assert refused.value.why == why
    assert refused.value.__suppress_context__ or refused.value.__cause__ is None


@pytest.mark.parametrize(
    "name",
    ["Content-Length", "host", "EXPECT", "filename", "X-Prefer-Acknowledge-Uri", "Content-Encoding", "X-Bundle-Id"],
)
def test_a_token_cannot_take_the_place_of_a_header_of_ours_or_of_one_that_is_never_sent(name: str) -> None:
    with pytest.raises(UnusableCredentialsError, match="header-not-allowed"):
        parse(**token(name, "x"))


@pytest.mark.requirement("PUSH-SEC-03", "PUSH-SEC-07")
def test_a_secret_does_not_show() -> None:
    secret = parse(certificate="a certificate", key="KEY", **token("X-Token", "TOKEN"))
    assert "KEY" not in repr(secret)
    assert "TOKEN" not in repr(secret)
