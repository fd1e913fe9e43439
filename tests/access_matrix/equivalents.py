"""The mutants that change nothing, and why: what the table cannot notice because there is nothing to notice."""

from __future__ import annotations

from typing import Final

_OWN_RESOURCE: Final = "A resource's policy is asked about that resource alone."
_BEHIND_REFUSALS: Final = "The refusals in the same document refuse whatever this would allow."
_REFUSED_ALREADY: Final = "DenyAllBut... in the same document refuses every other action already."
_REFUSED_THERE: Final = "The refusal of everything elsewhere, in the same document, holds there already."
_ONLY_PUTS_SAY: Final = "Only puts say how an object is to be kept."
_ACCOUNT_IN_ARN: Final = "The ARN that it also asks for holds the account."
_ARCHIVE_REFUSES: Final = "The policy of the archive refuses whatever this would allow."
_NETWORK_REFUSES: Final = "In a private network its endpoints refuse it too; in an open one the table notices."
_ITS_POLICY_REFUSES: Final = "The policy of the mailbox, or of the secret, refuses whatever this would allow."
_LISTED_BY_TWO: Final = "The mailbox monitor and the courier both list the mailbox."
_KEY_ALONE: Final = (
    "KMS asks a key's policy whatever else is granted; the simulator takes what an administrator is granted for enough."
)
_KEY_SAYS_BY_WHAT: Final = "The key's own policy asks for the same, and for the stream."
_NOTHING_LEFT: Final = (
    "Puts and deletes are refused to the same and more; what is left, ending a multipart upload, nobody needs."
)
_ALIAS_OR_VERSION: Final = (
    "The simulator does not take it on an alias, whose ARN is like a version's; a test of the component holds it."
)

EQUIVALENT: Final[dict[str, str]] = {
    "bucket *: Deny* Resource is [*]": _OWN_RESOURCE,
    "bucket access-log: LetCloudTrailCheck Resource is [*]": _OWN_RESOURCE,
    "bucket access-log: Let* without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
    "secret *: Deny* Resource is [*]": _OWN_RESOURCE,
    "queue *: * Resource is [*]": _OWN_RESOURCE,
    "topic *: * Resource is [*]": _OWN_RESOURCE,
    "topic alarms: Accept* without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
    "key alarms: Encrypt* without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
    "topic alarms: DenyInsecureTransport Action is sns:[*]": "It would refuse more, and SNS takes no such policy.",
    "key alarms: LetTheAccountAdminister dropped": _KEY_ALONE,
    "key alarms: LetTheAccountAdminister Action *": _KEY_ALONE,
    "identity files-external-party: PutFiles Action is s3:[*]": _BEHIND_REFUSALS,
    "identity files-external-party: PutFiles Resource is [*]": _BEHIND_REFUSALS,
    "identity files-external-party: PutFiles without its condition aws:SourceIp": _BEHIND_REFUSALS,
    "identity files-external-party: DenyPutElsewhere Action is s3:[*]": _REFUSED_ALREADY,
    "identity files-external-party: DenyOtherNetworks Action is s3:[*]": _REFUSED_ALREADY,
    "identity files-external-party: DenyOtherNetworks Resource is [*]": _REFUSED_THERE,
    "identity files-consumer: CollectBundles * is *": _BEHIND_REFUSALS,
    "identity files-consumer: ListMailbox * is *": _BEHIND_REFUSALS,
    "identity files-consumer: DenyCollectElsewhere Action is s3:[*]": _REFUSED_ALREADY,
    "identity files-consumer: DenyOtherWays Action is s3:[*]": _REFUSED_ALREADY,
    "identity files-consumer: DenyOtherWays Resource is [*]": _REFUSED_THERE,
    "identity files-consumer: HoldLease * is *": _BEHIND_REFUSALS,
    "identity files-consumer: DenyLeaseElsewhere Action is dynamodb:[*]": _REFUSED_ALREADY,
    "identity files-consumer: DenyOtherWaysToLease Action is dynamodb:[*]": _REFUSED_ALREADY,
    "identity files-consumer: DenyOtherWaysToLease Resource is [*]": _REFUSED_THERE,
    "bucket files-landing: DenyPutElsewhereToTheExternalParty Action is s3:[*]": _REFUSED_ALREADY,
    "bucket files-landing: DenyOtherNetworksToTheExternalParty Action is s3:[*]": _REFUSED_ALREADY,
    "bucket files-landing: DenyOtherStorageClasses Action is s3:[*]": _ONLY_PUTS_SAY,
    "bucket files-landing: DenyOtherEncryption Action is s3:[*]": _ONLY_PUTS_SAY,
    "bucket files-landing: DenyKeysOfTheirOwn Action is s3:[*]": _ONLY_PUTS_SAY,
    "bucket files-archive: DenyOverwriting Action is s3:[*]": "Only puts say whether they create an object.",
    "bucket files-archive: DenyOverwriting without its condition s3:ObjectCreationOperation": (
        "It spares the parts of multipart uploads, and a bundle is put whole."
    ),
    "bucket files-archive: DenyReadToOthers Action is s3:[*]": (
        "Puts and deletes are refused to the same and more; what is left, ending a multipart upload, nobody needs."
    ),
    "identity files-aggregator: DenyInterfacesToCode Action is ec2:[*]": "No other action of EC2 is granted.",
    "identity files-mailbox-monitor: DenyInterfacesToCode Action is ec2:[*]": "No other action of EC2 is granted.",
    "identity files-reconciliation: DenyInterfacesToCode Action is ec2:[*]": "No other action of EC2 is granted.",
    "identity files-registrar: DenyInterfacesToCode Action is ec2:[*]": "No other action of EC2 is granted.",
    "identity files-courier: DenyInterfacesToCode Action is ec2:[*]": "No other action of EC2 is granted.",
    "identity files-registrar: ReadWhatIsRegistered Action is s3:[*]": _ARCHIVE_REFUSES,
    "identity files-registrar: AddToTheRegister Action is s3:[*]": _ARCHIVE_REFUSES,
    "identity files-registrar: ListArchive Action is s3:[*]": _NETWORK_REFUSES,
    "bucket files-archive: DenyRegisterToOthers Action without s3:ReplicateObject": _NETWORK_REFUSES,
    "bucket files-archive: DenyArchivingToRegistrar Action without s3:ReplicateObject": _NETWORK_REFUSES,
    "bucket files-archive: DenyBundlesToRegistrar Action without s3:RestoreObject": _NETWORK_REFUSES,
    "bucket files-archive: DenyBundlesToRegistrar Action is s3:[*]": "The registrar may do nothing else with bundles.",
    "identity files-courier: TakeBundles Action is s3:[*]": _ITS_POLICY_REFUSES,
    "identity files-courier: SetBundlesAside Action is s3:[*]": _ITS_POLICY_REFUSES,
    "identity files-courier: ListBundles Action is s3:[*]": _ITS_POLICY_REFUSES,
    "identity files-courier: ReadSecret Action is secretsmanager:[*]": _ITS_POLICY_REFUSES,
    "bucket files-distribution: DenySettingAsideToOthers Action is s3:[*]": (
        "Reads and deletes are refused to the same and more; what is left, ending a multipart upload, nobody needs."
    ),
    "endpoint function-access-s3: FilesWatchMailbox dropped": _LISTED_BY_TWO,
    "endpoint function-access-s3: FilesListBundles dropped": _LISTED_BY_TWO,
    "trust files-external-party: TrustTheExternalParty Action is sts:[*]": (
        "No other action of STS names an external id, which the statement asks for."
    ),
    "identity files-*rollout: SeeProvisionedConcurrency dropped": _ALIAS_OR_VERSION,
    "identity files-*rollout: SeeProvisionedConcurrency Resource is [*]": _ALIAS_OR_VERSION,
    "trust files-*rollout: TrustCodeDeploy without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
    "identity events-*: DenyInterfacesToCode Action is ec2:[*]": "No other action of EC2 is granted.",
    "identity events-*: *cryptRecords without its condition kms:ViaService": _KEY_SAYS_BY_WHAT,
    "key events-stream: *cryptRecords Principal is anybody": "The roles that it names are granted it anyway.",
    "bucket events-results: DenyAllToOthers Action is s3:[*]": _NOTHING_LEFT,
    "bucket events-compacted: DenyReadToOthers Action is s3:[*]": _NOTHING_LEFT,
    "bucket events-raw: DenyOverwriting Action is s3:[*]": "Only puts say whether they create an object.",
    "bucket events-raw: DenyOverwriting without its condition s3:ObjectCreationOperation": (
        "It spares the parts of multipart uploads, and raw events are put whole."
    ),
    "trust events-*rollout: TrustCodeDeploy without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
    "identity events-*rollout: SeeProvisionedConcurrency *": _ALIAS_OR_VERSION,
    "bucket lake-raw: DenyOverwriting Action is s3:[*]": "Only puts say whether they create an object.",
    "bucket lake-raw: DenyOverwriting without its condition s3:ObjectCreationOperation": (
        "It spares the parts of multipart uploads, and notes are put whole."
    ),
    "bucket lake-site: Let* Resource is [*]": _OWN_RESOURCE,
    "identity lake-ingestion: ReadSecrets Action is secretsmanager:[*]": _ITS_POLICY_REFUSES,
    "trust lake-*rollout: TrustCodeDeploy without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
    "identity lake-*rollout: SeeProvisionedConcurrency *": _ALIAS_OR_VERSION,
    "trust network: TrustFlowLogs without its condition aws:SourceAccount": _ACCOUNT_IN_ARN,
}
"""Patterns of mutants' names, with the reason."""
