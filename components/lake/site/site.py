"""The dashboard of a stack: its bucket, and the distribution that alone reads it."""

from dataclasses import dataclass

import pulumi

from components.lake.site.build import SiteBuild
from components.lake.site.distribution import Distribution, DistributionArgs, SiteDomain
from components.lake.site.site_bucket import SiteBucket


@dataclass(frozen=True, kw_only=True)
class SiteArgs:
    """What is shown, where, and of which API."""

    build: SiteBuild
    api_url: pulumi.Input[str]
    """Scheme and host of the HTTP API, with nothing behind."""

    domain: SiteDomain | None
    """None takes a name of CloudFront's."""

    account: pulumi.Input[str]


class Site(pulumi.ComponentResource):
    """Pages for anybody who has the address: it asks nobody who he is, no more than the API does that it reads."""

    def __init__(self, name: str, args: SiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:site:Site", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = SiteBucket(name, args.build, child)
        distribution = Distribution(
            name,
            DistributionArgs(
                bucket_domain_name=bucket.domain_name,
                api_url=args.api_url,
                headers=args.build.headers,
                domain=args.domain,
            ),
            child,
        )
        # As AWS writes it: with the account, and without a region. By its id, which it has wherever it is made.
        bucket.restrict(
            distribution_arn=pulumi.Output.concat(
                "arn:aws:cloudfront::", args.account, ":distribution/", distribution.id
            )
        )
        self.bucket: pulumi.Output[str] = bucket.bucket
        self.distribution_domain: pulumi.Output[str] = distribution.domain_name
        """What a name of one's own is pointed at."""

        host = args.domain.host if args.domain else distribution.domain_name
        self.url: pulumi.Output[str] = pulumi.Output.format("https://{0}/", host)
        self.register_outputs({"bucket": self.bucket, "url": self.url})
