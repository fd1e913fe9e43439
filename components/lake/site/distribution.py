"""CloudFront in front of the site and of the API: one host for both, by HTTPS alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from components.lake.site.headers import (
    FRAME_OPTION,
    HSTS_SECONDS,
    OTHERS,
    REFERRER_POLICY,
    SecurityHeaders,
)
from components.lake.site.site_bucket import API_PATH

# The names of the two origins.
_SITE: Final = "site"
_API: Final = "api"

# Anything but the host, by which the API would take a request for another API's (CloudFront developer guide, "Use
# managed origin request policies": AllViewerExceptHostHeader, which is the same in every account).
_ALL_BUT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

# With a certificate of one's own. CloudFront's own name takes TLS 1.0 and later whatever is said (API reference,
# ViewerCertificate, MinimumProtocolVersion).
_OLDEST_TLS: Final = "TLSv1.2_2021"

# Otherwise CloudFront remembers these answers for ten seconds (CloudFront developer guide, "How CloudFront caches HTTP
# 4xx and 5xx status codes"). No page is put in their place: that would be put in place of the API's own answers too.
_ERRORS: Final = (404, 405, 414, 500, 501, 502, 503, 504)

_YEAR_SECONDS: Final = 31_536_000


@dataclass(frozen=True, kw_only=True)
class SiteDomain:
    """A name of one's own for the site."""

    host: str
    certificate_arn: str
    """Of ACM in us-east-1, for that host."""


@dataclass(frozen=True, kw_only=True)
class DistributionArgs:
    """What it serves, and how."""

    bucket_domain_name: pulumi.Input[str]
    api_url: pulumi.Input[str]
    """Scheme and host."""

    headers: SecurityHeaders
    domain: SiteDomain | None
    """None takes a name of CloudFront's."""


class Distribution(pulumi.ComponentResource):
    """Files of a private bucket, and below /api the HTTP API, whose answers are kept as long as they say themselves.

    It writes no log of its own: requests for records are in the API's, and those for files say nothing of any data.
    """

    def __init__(self, name: str, args: DistributionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:distribution:Distribution", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        headers = self._response_headers(args.headers)
        distribution = aws.cloudfront.Distribution(
            name,
            enabled=True,
            comment=f"The dashboard of {name}, and its API.",
            aliases=[args.domain.host] if args.domain else None,
            http_version="http2and3",
            is_ipv6_enabled=True,
            # The rewriting function does this too. Without either, the root would be a list of the bucket's keys.
            default_root_object="index.html",
            origins=[self._site_origin(args), self._api_origin(args)],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id=_SITE,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=["GET", "HEAD"],
                cached_methods=["GET", "HEAD"],
                compress=True,
                cache_policy_id=self._cache_policy(_SITE, query=False, headers=[]).id,
                response_headers_policy_id=headers.id,
                function_associations=[
                    aws.cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs(
                        event_type="viewer-request", function_arn=self._function("rewrite").arn
                    )
                ],
            ),
            ordered_cache_behaviors=[
                aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
                    path_pattern=f"{API_PATH}/*",
                    target_origin_id=_API,
                    viewer_protocol_policy="redirect-to-https",
                    allowed_methods=["GET", "HEAD", "OPTIONS"],
                    cached_methods=["GET", "HEAD"],
                    compress=True,
                    # What the API's answer depends on: whom it lets read it, and who asks.
                    cache_policy_id=self._cache_policy(_API, query=True, headers=["Authorization", "Origin"]).id,
                    origin_request_policy_id=_ALL_BUT_HOST,
                    response_headers_policy_id=headers.id,
                    function_associations=[
                        aws.cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArgs(
                            event_type="viewer-request", function_arn=self._function("api-path").arn
                        )
                    ],
                )
            ],
            custom_error_responses=[
                aws.cloudfront.DistributionCustomErrorResponseArgs(error_code=code, error_caching_min_ttl=0)
                for code in _ERRORS
            ],
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            viewer_certificate=_certificate(args.domain),
            opts=self._child,
        )
        self.id: pulumi.Output[str] = distribution.id
        self.domain_name: pulumi.Output[str] = distribution.domain_name
        self.register_outputs({"domain_name": self.domain_name})

    def _site_origin(self, args: DistributionArgs) -> aws.cloudfront.DistributionOriginArgs:
        access = aws.cloudfront.OriginAccessControl(
            self._name,
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        return aws.cloudfront.DistributionOriginArgs(
            origin_id=_SITE, domain_name=args.bucket_domain_name, origin_access_control_id=access.id
        )

    def _api_origin(self, args: DistributionArgs) -> aws.cloudfront.DistributionOriginArgs:
        return aws.cloudfront.DistributionOriginArgs(
            origin_id=_API,
            domain_name=pulumi.Output.from_input(args.api_url).apply(lambda url: url.partition("://")[2]),
            custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
                http_port=80, https_port=443, origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
            ),
        )

    def _cache_policy(self, origin: str, *, query: bool, headers: Sequence[str]) -> aws.cloudfront.CachePolicy:
        """Declare that an answer is kept as long as it says itself, and not at all where it says nothing.

        A least time of 0 lets `no-cache` and `private` mean what they say. A longest time of 0 would turn compression
        off (CloudFront developer guide, "Serve compressed files").
        """
        parameters = aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs
        return aws.cloudfront.CachePolicy(
            f"{self._name}-{origin}",
            min_ttl=0,
            default_ttl=0,
            max_ttl=_YEAR_SECONDS,
            parameters_in_cache_key_and_forwarded_to_origin=parameters(
                enable_accept_encoding_brotli=True,
                enable_accept_encoding_gzip=True,
                cookies_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs(
                    cookie_behavior="none"
                ),
                headers_config=_key_headers(headers),
                query_strings_config=(
                    aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs(
                        query_string_behavior="all" if query else "none"
                    )
                ),
            ),
            opts=self._child,
        )

    def _function(self, part: str) -> aws.cloudfront.Function:
        source = Path(__file__).with_name(f"{part.replace('-', '_')}.js")
        return aws.cloudfront.Function(
            f"{self._name}-{part}",
            runtime="cloudfront-js-2.0",
            publish=True,
            code=source.read_text(encoding="utf-8"),
            opts=self._child,
        )

    def _response_headers(self, headers: SecurityHeaders) -> aws.cloudfront.ResponseHeadersPolicy:
        security = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs
        return aws.cloudfront.ResponseHeadersPolicy(
            self._name,
            security_headers_config=security(
                content_security_policy=(
                    aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
                        content_security_policy=headers.content_security_policy, override=True
                    )
                ),
                content_type_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                    override=True
                ),
                frame_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
                    frame_option=FRAME_OPTION, override=True
                ),
                referrer_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
                    referrer_policy=REFERRER_POLICY, override=True
                ),
                strict_transport_security=(
                    aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
                        access_control_max_age_sec=HSTS_SECONDS, override=True
                    )
                ),
            ),
            custom_headers_config=aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs(
                items=[
                    aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs(
                        header=header, value=value, override=True
                    )
                    for header, value in OTHERS.items()
                ]
            ),
            opts=self._child,
        )


def _key_headers(
    headers: Sequence[str],
) -> aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs:
    kind = aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs
    if not headers:
        return kind(header_behavior="none")
    items = aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeadersArgs
    return kind(header_behavior="whitelist", headers=items(items=[*headers]))


def _certificate(domain: SiteDomain | None) -> aws.cloudfront.DistributionViewerCertificateArgs:
    if domain is None:
        return aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
    return aws.cloudfront.DistributionViewerCertificateArgs(
        acm_certificate_arn=domain.certificate_arn,
        minimum_protocol_version=_OLDEST_TLS,
        ssl_support_method="sni-only",
    )
