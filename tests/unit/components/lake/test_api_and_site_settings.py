"""What a stack may set of the HTTP API and of the dashboard, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from harness import given_settings

from components.lake.settings import LakeSettings

if TYPE_CHECKING:
    from components.settings.error import SettingsError

MODELS: Final = {"lake": LakeSettings}
CERTIFICATE: Final = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
ISSUER: Final = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_abc"


def given(settings: dict[str, Any]) -> dict[str, Any]:
    mine = {f"baler:lake{key[0].upper()}{key[1:]}": value for key, value in settings.items()}
    return {"baler:pipelines": ["lake"], **mine}


def read(**settings: Any) -> LakeSettings:
    found = given_settings.read(given(settings), MODELS).pipelines["lake"]
    assert isinstance(found, LakeSettings)
    return found


def refused(**settings: Any) -> SettingsError:
    return given_settings.refusal(given(settings), MODELS)


def test_without_a_word_everybody_reads_the_api_as_the_document_has_it() -> None:
    found = read()
    assert (found.api_origins, found.api_jwt, found.dashboard, found.site_domain) == (("*",), None, True, None)
    assert (found.api_requests_per_second, found.api_burst) == (100, 200)


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["*"],
        ["https://a.example"],
        ["https://a.example:8443", "http://localhost:3000", "http://127.0.0.1:8080"],
        ["https://a.example:80", "http://a.example:443"],
    ],
)
def test_origins_are_as_browsers_send_them(origins: list[str]) -> None:
    assert read(apiOrigins=origins).api_origins == tuple(origins)


@pytest.mark.parametrize(
    "origin",
    [
        "a.example",
        "https://a.example/",
        "https://a.example/path",
        "https://A.example",
        "https://a.example:443",
        "http://a.example:80",
        "https://*.a.example",
        "https://user@a.example",
        "https://a.example?",
        "null",
        "https://a.example\n",
        "",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    assert "an origin as browsers send it" in str(refused(apiOrigins=[origin]))


def test_that_every_page_may_read_is_taken_back_without_the_others_that_are_named() -> None:
    (wrong,) = refused(apiOrigins=["https://a.example", "*"]).wrong
    assert wrong.fix == "pulumi config rm --path 'baler:lakeApiOrigins[1]'"


@pytest.mark.requirement("LAKE-FUTURE-06")
def test_an_issuer_and_its_audiences_make_an_authorizer() -> None:
    jwt = read(apiJwtIssuer=ISSUER, apiJwtAudiences=["one"], dashboard=False).api_jwt
    assert jwt is not None
    assert (jwt.issuer, jwt.audiences) == (ISSUER, ("one",))


def test_a_domain_and_its_certificate_make_a_name() -> None:
    domain = read(dashboardDomain="lake.example.org", dashboardCertificateArn=CERTIFICATE).site_domain
    assert domain is not None
    assert (domain.host, domain.certificate_arn) == ("lake.example.org", CERTIFICATE)


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        ({"apiOrigins": ["*", "https://a.example"]}, "lakeApiOrigins", "lets every page in"),
        ({"apiOrigins": ["https://a.example"] * 2}, "lakeApiOrigins", "twice"),
        ({"apiJwtIssuer": "http://issuer.example"}, "lakeApiJwtIssuer", "https, and neither query nor fragment"),
        ({"apiJwtIssuer": "https://issuer.example?a=b"}, "lakeApiJwtIssuer", "neither query nor fragment"),
        ({"apiJwtIssuer": ISSUER, "dashboard": False}, "lakeApiJwtAudiences", "for any other service would open"),
        ({"apiJwtAudiences": ["one"]}, "lakeApiJwtAudiences", "set baler:lakeApiJwtIssuer as well"),
        ({"apiJwtAudiences": [""]}, "lakeApiJwtAudiences", "at least 1 character"),
        ({"apiJwtIssuer": ISSUER, "apiJwtAudiences": ["one"]}, "lakeDashboard", "nobody signs in at the dashboard"),
        ({"apiRequestsPerSecond": 0}, "lakeApiRequestsPerSecond", "greater than or equal to 1"),
        ({"apiRequestsPerSecond": 10_001}, "lakeApiRequestsPerSecond", "less than or equal to 10000"),
        ({"apiBurst": 5_001}, "lakeApiBurst", "less than or equal to 5000"),
        ({"dashboardDomain": "Lake.example.org"}, "lakeDashboardDomain", "in lower case"),
        ({"dashboardDomain": "localhost"}, "lakeDashboardDomain", "the full name of a host"),
        ({"dashboardDomain": "https://lake.example.org"}, "lakeDashboardDomain", "the full name of a host"),
        ({"dashboardDomain": "lake.example.org"}, "lakeDashboardCertificateArn", "a browser would not trust"),
        (
            {"dashboardDomain": "lake.example.org", "dashboard": False, "dashboardCertificateArn": CERTIFICATE},
            "lakeDashboardDomain",
            "there is no dashboard",
        ),
        ({"dashboardCertificateArn": CERTIFICATE}, "lakeDashboardCertificateArn", "there is no name for it"),
        (
            {"dashboardCertificateArn": CERTIFICATE.replace("us-east-1", "eu-west-2")},
            "lakeDashboardCertificateArn",
            "certificates of us-east-1 alone",
        ),
        ({"dashboardCertificateArn": "arn:aws:iam::1:x"}, "lakeDashboardCertificateArn", "a certificate of ACM"),
    ],
)
def test_what_cannot_work_is_refused_by_name(settings: dict[str, Any], key: str, says: str) -> None:
    error = str(refused(**settings))
    assert f"baler:{key}" in error
    assert says in error
