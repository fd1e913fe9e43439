"""The archive bucket: every bundle, for good, and the index that tells which of them holds a file."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from baler.files.archive.worth_moving import worth_moving_bytes
from components.blocks.bucket_policy import (
    DELETE,
    PUT,
    READ,
    Principals,
    deny_by,
    deny_outside,
    deny_overwriting,
    deny_to_all,
    deny_to_others,
)
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import LifecycleRule, ObjectLock, SecureBucket, SecureBucketArgs


@dataclass(frozen=True, kw_only=True)
class ArchiveBucketArgs:
    """When bundles become cheap to keep and slow to read."""

    keep_on_destroy: bool
    transition_days: int
    """Days until a bundle moves to Deep Archive, from where reading it takes hours."""
    transition_small_bundles: bool
    """Whether those move too that cost less where they are."""

    lock: ObjectLock | None = None
    """How long nobody can delete what came; None leaves that to the bucket's policy."""


class ArchiveBucket(pulumi.ComponentResource):
    """The authoritative bundles, versioned against accidental deletion, in Deep Archive after a while if that pays.

    Their manifests lie beside them, under a prefix that no lifecycle rule moves: a search must be able to read them.
    """

    def __init__(self, name: str, args: ArchiveBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:archive_bucket:ArchiveBucket", name, None, opts)
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=args.keep_on_destroy,
                versioned=True,
                lifecycle_rules=[_deep_archive_after(args)],
                lock=args.lock,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._bundles = pulumi.Output.concat(self.arn, "/bundles/*")
        self._index = pulumi.Output.concat(self.arn, "/manifests/*")
        self._register = pulumi.Output.concat(self.arn, "/register/*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def grant_archive(self) -> list[Statement]:
        """Put bundles into archive and index, read bundles back to finish what a dead attempt began; delete nothing."""
        return [
            {
                "Sid": "ArchiveBundles",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:GetObject"],
                "Resource": [self._bundles],
            },
            {
                "Sid": "IndexBundles",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._index],
            },
        ]

    def grant_register(self) -> list[Statement]:
        """List the archive, read manifests and the register, and add pages to it; read no bundle, delete nothing."""
        return [
            {
                "Sid": "ReadWhatIsRegistered",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [self._index, self._register],
            },
            {
                "Sid": "AddToTheRegister",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._register],
            },
            {
                "Sid": "ListArchive",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [self.arn],
            },
        ]

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        registrar_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse that anybody changes what is archived, or reads it but the aggregator and the operators.

        Nobody deletes, the operators neither: who must will have to take this refusal back first, which is deployed
        and seen. Who archives does not keep the register, and who keeps it does not get at a bundle: each of the two
        functions is held to its own by what the other wrote.

        Args:
            writer_role_arn: the aggregator's.
            registrar_role_arn: of the function that keeps the register.
            vpc_ids: the networks that the two must come from; none lets them come from anywhere.
            operators: ARNs of those who may restore bundles from Deep Archive and read them.
        """
        objects = [pulumi.Output.concat(self.arn, "/*")]
        functions = [writer_role_arn, registrar_role_arn]
        return self._secure.restrict(
            [
                *deny_outside(vpc_ids, functions, self.arn),
                deny_to_others("DenyPutToOthers", PUT, objects, functions),
                deny_to_others("DenyRegisterToOthers", PUT, [self._register], [registrar_role_arn]),
                deny_by("DenyArchivingToRegistrar", PUT, [self._bundles, self._index], registrar_role_arn),
                deny_by("DenyBundlesToRegistrar", [*READ, "s3:RestoreObject"], [self._bundles], registrar_role_arn),
                deny_overwriting(objects),
                deny_to_others("DenyReadToOthers", [*READ, "s3:RestoreObject"], objects, [*functions, *operators]),
                deny_to_all("DenyDelete", DELETE, objects),
            ]
        )


def _deep_archive_after(args: ArchiveBucketArgs) -> LifecycleRule:
    days, prefix = args.transition_days, "bundles/"
    large_enough = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(
        and_=aws.s3.BucketLifecycleConfigurationRuleFilterAndArgs(
            prefix=prefix, object_size_greater_than=worth_moving_bytes() - 1
        )
    )
    every = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix)
    return LifecycleRule(
        id="deep-archive",
        status="Enabled",
        filter=every if args.transition_small_bundles else large_enough,
        transitions=[aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=days, storage_class="DEEP_ARCHIVE")],
        noncurrent_version_transitions=[
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionTransitionArgs(
                noncurrent_days=days, storage_class="DEEP_ARCHIVE"
            )
        ],
    )
