"""The site's bucket: what was built, for CloudFront alone to read."""

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.secure_bucket import LifecycleRule, SecureBucket, SecureBucketArgs, every_object
from components.lake.site.build import CONFIG, CONFIG_CACHE_CONTROL, SiteBuild, SiteFile

API_PATH: Final = "/api"
"""Where the API is on the site's own host."""

# As long as somebody may want yesterday's pages back.
_REPLACED_DAYS: Final = 30


class SiteBucket(pulumi.ComponentResource):
    """The files of a build, each with its type and how long it may be kept.

    Nothing in it is anywhere else's only copy, so it goes with the stack, whatever the stack does with its data.

    What has the hash of its content in its name is never deleted: somebody may have a page open that was loaded before
    an update, and loads the rest of it after. Pulumi forgets such a file when the build has it no more, and leaves it
    (`retain_on_delete`). A deletion, even to an older version, is a 404 to CloudFront; a lifecycle rule knows an
    object's age, and not whether today's pages still ask for it.
    """

    def __init__(self, name: str, build: SiteBuild, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:site_bucket:SiteBucket", name, None, opts)
        self._name = name
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(keep_on_destroy=False, versioned=True, lifecycle_rules=[_end_replaced()]),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.domain_name = self._secure.domain_name
        hashed = [self._file(file, needs=[]) for file in build.files if file.hashed]
        # A page is there once all is that it asks for.
        for file in build.files:
            if not file.hashed:
                self._file(file, needs=hashed)
        aws.s3.BucketObjectv2(
            f"{name}/{CONFIG}",
            bucket=self.bucket,
            key=CONFIG,
            content=json.dumps({"apiUrl": API_PATH}),
            content_type="application/json",
            cache_control=CONFIG_CACHE_CONTROL,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._secure.versioned),
        )
        self.register_outputs({"bucket": self.bucket})

    def _file(self, file: SiteFile, *, needs: list[pulumi.Resource]) -> pulumi.Resource:
        return aws.s3.BucketObjectv2(
            f"{self._name}/{file.path}",
            bucket=self.bucket,
            key=file.path,
            source=pulumi.FileAsset(str(file.source)),
            content_type=file.content_type,
            cache_control=file.cache_control,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*self._secure.versioned, *needs], retain_on_delete=file.hashed
            ),
        )

    def restrict(self, *, distribution_arn: pulumi.Input[str]) -> aws.s3.BucketPolicy:
        """Make the bucket's one policy: one distribution reads it. Call it once."""
        # The ARN holds the account. Whether CloudFront also sends aws:SourceAccount, AWS does not say (CloudFront
        # developer guide, "Grant CloudFront permission to access the S3 bucket").
        for_it = {"ArnEquals": {"aws:SourceArn": distribution_arn}}
        reader = {"Service": "cloudfront.amazonaws.com"}
        return self._secure.restrict(
            [
                {
                    "Sid": "LetCloudFrontRead",
                    "Effect": "Allow",
                    "Principal": reader,
                    "Action": ["s3:GetObject"],
                    "Resource": [pulumi.Output.concat(self._secure.arn, "/*")],
                    "Condition": for_it,
                },
                {
                    # Without it S3 says 403 for what is not there, since a 404 would tell who may not list. Nobody
                    # gets a list: CloudFront hands no query on, and never asks for the root.
                    "Sid": "LetCloudFrontKnowWhatIsMissing",
                    "Effect": "Allow",
                    "Principal": reader,
                    "Action": ["s3:ListBucket"],
                    "Resource": [self._secure.arn],
                    "Condition": for_it,
                },
            ]
        )


def _end_replaced() -> LifecycleRule:
    return LifecycleRule(
        id="replaced",
        status="Enabled",
        filter=every_object(),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=_REPLACED_DAYS
        ),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
    )
