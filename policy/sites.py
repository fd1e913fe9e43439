"""Rules about what answers on the internet: CloudFront's distributions and HTTP APIs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policy.rule import Declared, ResourceRule

_DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
_STAGE: Final = "aws:apigatewayv2/stage:Stage"
_API: Final = "aws:apigatewayv2/api:Api"
_SECURE: Final = ("https-only", "redirect-to-https")
# Those of CloudFront's policies that take TLS 1.2 and later alone (CloudFront developer guide, "Supported protocols and
# ciphers between viewers and CloudFront").
_NEW_TLS: Final = ("TLSv1.2_", "TLSv1.3_")


def _behaviours(declared: Declared) -> list[Mapping[str, Any]]:
    return [declared.nested("defaultCacheBehavior"), *declared.listed("orderedCacheBehaviors")]


def _plain(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type != _DISTRIBUTION:
        return
    if any(each.get("viewerProtocolPolicy") not in _SECURE for each in _behaviours(declared)):
        yield "It answers without TLS: set viewerProtocolPolicy to redirect-to-https in every behaviour."
    for origin in declared.listed("origins"):
        custom = origin.get("customOriginConfig")
        secure = {"originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"]}
        if custom and any(custom.get(key) != value for key, value in secure.items()):
            yield "It asks an origin without TLS 1.2: set originProtocolPolicy and originSslProtocols."


def _old_tls(declared: Declared, _stack: str) -> Iterator[str]:
    certificate = declared.nested("viewerCertificate")
    # The one exception: a name of CloudFront's own takes TLS 1.0 whatever is set (API reference, ViewerCertificate). A
    # stack that may not have that sets a domain, whose certificate is then asked about here.
    if declared.type != _DISTRIBUTION or certificate.get("cloudfrontDefaultCertificate") is True:
        return
    if not str(certificate.get("minimumProtocolVersion")).startswith(_NEW_TLS):
        yield "It takes TLS before 1.2: set minimumProtocolVersion to TLSv1.2_2021 or later."


def _open_bucket(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type != _DISTRIBUTION:
        return
    for origin in declared.listed("origins"):
        # Its value is not known before it is there, but that it has one is.
        if not origin.get("customOriginConfig") and "originAccessControlId" not in origin:
            yield "A bucket would have to be public for it: set originAccessControlId."


def _bare_answers(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type != _DISTRIBUTION:
        return
    if any("responseHeadersPolicyId" not in each for each in _behaviours(declared)):
        yield "A browser is not told what its pages may do: set responseHeadersPolicyId in every behaviour."


def _unlogged(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _STAGE and not declared.props.get("accessLogSettings"):
        yield "Nobody could tell later who asked for what: set accessLogSettings."


def _unlimited(declared: Declared, _stack: str) -> Iterator[str]:
    limits = declared.nested("defaultRouteSettings")
    if declared.type == _STAGE and not (limits.get("throttlingRateLimit") and limits.get("throttlingBurstLimit")):
        yield "One client could use up what the account may invoke: set throttlingRateLimit and throttlingBurstLimit."


def _cookies_for_others(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _API and declared.nested("corsConfiguration").get("allowCredentials"):
        yield "Pages of others would read it as whoever looks at them: leave allowCredentials out."


RULES: Final = (
    ResourceRule("site-wants-tls", "A distribution answers and asks by TLS alone.", _plain),
    ResourceRule("site-wants-new-tls", "A name of one's own takes TLS 1.2 or newer.", _old_tls),
    ResourceRule("site-reads-a-private-bucket", "A distribution reads its bucket as itself.", _open_bucket),
    ResourceRule(
        "site-protects-its-readers", "A distribution sends security headers with every answer.", _bare_answers
    ),
    ResourceRule("api-is-logged", "An HTTP API has a log of its requests.", _unlogged),
    ResourceRule("api-is-limited", "An HTTP API takes a number of requests.", _unlimited),
    ResourceRule("api-takes-no-cookies", "An HTTP API shares nobody's session with other pages.", _cookies_for_others),
)
