"""The dashboard: whether there is one, and under which name."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.lake.api_settings import ApiSettings
from components.lake.site.distribution import SiteDomain
from components.settings.types import refusal

DOMAIN_EXAMPLE: Final = "<host>.<domain>"
CERTIFICATE_EXAMPLE: Final = "arn:aws:acm:us-east-1:<account id>:certificate/<id>"

_LABEL: Final = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"({_LABEL}\.)+{_LABEL}", re.ASCII)
_CERTIFICATE: Final = re.compile(r"arn:aws:acm:(?P<region>[a-z0-9-]+):\d{12}:certificate/[0-9a-f-]{36}", re.ASCII)
# CloudFront is everywhere, and takes certificates from here alone (CloudFront developer guide, "Requirements for using
# SSL/TLS certificates with CloudFront").
_REGION: Final = "us-east-1"


def _domain_or_nothing(value: str) -> str:
    if value and not _DOMAIN.fullmatch(value):
        raise refusal("it must be the full name of a host, in lower case", DOMAIN_EXAMPLE)
    return value


def _certificate_or_nothing(value: str) -> str:
    if not value:
        return value
    found = _CERTIFICATE.fullmatch(value)
    if not found:
        raise refusal("it must be the ARN of a certificate of ACM", CERTIFICATE_EXAMPLE)
    if found["region"] != _REGION:
        raise refusal(f"CloudFront takes certificates of {_REGION} alone", CERTIFICATE_EXAMPLE)
    return value


class SiteSettings(ApiSettings):
    """The page that shows records. CloudFront's own name takes TLS 1.0 whatever is set; one of yours does not."""

    dashboard: bool = True
    """Whether the stack has the dashboard, which `make dashboard` builds first. It needs no token: not with a JWT."""

    dashboard_domain: Annotated[str, AfterValidator(_domain_or_nothing), Field(examples=[DOMAIN_EXAMPLE])] = ""
    """Name of the dashboard's host, which you point at it. Empty takes one of CloudFront's, with TLS 1.0 and later."""

    dashboard_certificate_arn: Annotated[
        str, AfterValidator(_certificate_or_nothing), Field(examples=[CERTIFICATE_EXAMPLE])
    ] = ""
    """ARN of the certificate for lakeDashboardDomain, in us-east-1. Required with it, refused without."""

    @property
    def site_domain(self) -> SiteDomain | None:
        """The dashboard's name and certificate; None is a name of CloudFront's."""
        if not self.dashboard_domain:
            return None
        return SiteDomain(host=self.dashboard_domain, certificate_arn=self.dashboard_certificate_arn)

    @field_validator("dashboard")
    @classmethod
    def _the_dashboard_has_no_token(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - a validator's value
        if value and info.data.get("api_jwt_issuer"):
            raise refusal(
                "baler:lakeApiJwtIssuer has the API ask for tokens, and nobody signs in at the dashboard: it would "
                "show nothing",
                False,
            )
        return value

    @field_validator("dashboard_domain")
    @classmethod
    def _a_name_belongs_to_a_dashboard(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("dashboard") is False:
            raise refusal("there is no dashboard: baler:lakeDashboard is false", "")
        return value

    @field_validator("dashboard_certificate_arn")
    @classmethod
    def _name_and_certificate_belong_together(cls, value: str, info: ValidationInfo) -> str:
        if (domain := info.data.get("dashboard_domain")) is None:
            return value
        if domain and not value:
            raise refusal(f"a browser would not trust baler:lakeDashboardDomain {domain} without", CERTIFICATE_EXAMPLE)
        if value and not domain:
            raise refusal("there is no name for it: set baler:lakeDashboardDomain as well, or remove it", "")
        return value
