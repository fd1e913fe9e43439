"""The HTTP API: which pages may read it, who must show a token, and how many requests it takes."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.lake.http_api import ANY_ORIGIN, Jwt
from components.settings.model import PipelineSettings
from components.settings.types import each_once, refusal

ORIGIN_EXAMPLE: Final = "https://<host>"
ISSUER_EXAMPLE: Final = "https://<issuer>"

_HOST: Final = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
# As browsers write it in `Origin`, which is compared as it is: lower case, and no port that goes without saying.
_ORIGIN: Final = re.compile(rf"(http://{_HOST}(:(?!80$)\d{{1,5}})?|https://{_HOST}(:(?!443$)\d{{1,5}})?)", re.ASCII)
_ISSUER: Final = re.compile(rf"https://{_HOST}(:\d{{1,5}})?(/[\w.~-]+)*/?", re.ASCII)


def _origin(value: str) -> str:
    if value != ANY_ORIGIN and not _ORIGIN.fullmatch(value):
        raise refusal(
            f"it must be {ANY_ORIGIN} or an origin as browsers send it: scheme and host in lower case, a port if it is "
            "not the scheme's own, nothing behind it",
            ORIGIN_EXAMPLE,
        )
    return value


def _any_alone(values: tuple[str, ...]) -> tuple[str, ...]:
    if ANY_ORIGIN in values and len(values) > 1:
        place = f"[{values.index(ANY_ORIGIN)}]"
        raise refusal(f"{ANY_ORIGIN} lets every page in, whichever others are named", "", item=place)
    return values


def _issuer_or_nothing(value: str) -> str:
    if value and not _ISSUER.fullmatch(value):
        raise refusal("it must be the issuer's URL: https, and neither query nor fragment", ISSUER_EXAMPLE)
    return value


class ApiSettings(PipelineSettings):
    """Who reads the API, and how fast. Without an issuer everybody does, as the document has it."""

    api_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...],
        AfterValidator(each_once),
        AfterValidator(_any_alone),
        Field(examples=[ORIGIN_EXAMPLE]),
    ] = (ANY_ORIGIN,)
    """Origins of other pages that may read the API in a browser; the dashboard needs none. Empty lets no page."""

    api_jwt_issuer: Annotated[str, AfterValidator(_issuer_or_nothing), Field(examples=[ISSUER_EXAMPLE])] = ""
    """Issuer (OpenID Connect) whose tokens the API asks for. Empty asks for none; not with the dashboard."""

    api_jwt_audiences: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        AfterValidator(each_once),
        Field(examples=["<client id>"]),
    ] = ()
    """Audiences that a token must be for, one of them. Required with lakeApiJwtIssuer, refused without."""

    api_requests_per_second: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Requests per second that the API takes in the long run, from all clients together; others are answered 429."""

    api_burst: Annotated[int, Field(ge=1, le=5_000)] = 200
    """Requests that the API takes at once, beyond what comes in each second."""

    @property
    def api_jwt(self) -> Jwt | None:
        """Whose tokens the API asks for; None where it asks for none."""
        return Jwt(issuer=self.api_jwt_issuer, audiences=self.api_jwt_audiences) if self.api_jwt_issuer else None

    @field_validator("api_jwt_audiences")
    @classmethod
    def _issuer_and_audiences_belong_together(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if (issuer := info.data.get("api_jwt_issuer")) is None:
            return value
        if issuer and not value:
            raise refusal(
                "a token of baler:lakeApiJwtIssuer for any other service would open the API: name one", "<client id>"
            )
        if value and not issuer:
            raise refusal("nobody's tokens are asked for: set baler:lakeApiJwtIssuer as well, or remove it", "")
        return value
