"""What SNS's requests need, and those to KMS, which SNS makes for a publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources

_WITHOUT_KEY = ("CreateKey", "ListKeys", "ListAliases")
# What a publisher to an encrypted topic needs (SNS developer guide, "Managing encryption keys and costs").
_TO_ENCRYPT = ("kms:GenerateDataKey", "kms:Decrypt")


def topic_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to SNS needs."""
    parameters = call.parameters
    action = f"sns:{call.operation.removesuffix('Batch')}"
    arn = parameters.get("TopicArn") or parameters.get("TargetArn") or parameters.get("ResourceArn")
    if subscription := parameters.get("SubscriptionArn"):
        arn = subscription.rpartition(":")[0]
    if not arn:
        # A topic that is yet to be made is named; a list or a text message is about none.
        yield Access(action, call.arn(parameters["Name"]) if "Name" in parameters else "*", call.account)
        return
    account, region = arn.split(":")[4], arn.split(":")[3]
    yield Access(action, arn, account, resources.topic_policy(arn))
    named = resources.topic_key(arn) if action == "sns:Publish" else None
    if named:
        key, policy = named_key(named, account, region, resources)
        for needed in _TO_ENCRYPT:
            yield Access(needed, key, account, policy, {"kms:ViaService": f"sns.{region}.amazonaws.com"})


def key_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to KMS needs."""
    named = call.parameters.get("TargetKeyId") or call.parameters.get("KeyId")
    action = f"kms:{call.operation}"
    if call.operation in _WITHOUT_KEY or not named:
        yield Access(action, "*", call.account)
        return
    arn, policy = named_key(named, call.account, call.region, resources)
    yield Access(action, arn, call.account, policy)
    if alias := call.parameters.get("AliasName"):
        yield Access(action, call.arn(alias), call.account)


def named_key(named: str, account: str, region: str, resources: Resources) -> tuple[str, str | None]:
    """Return ARN and policy of a key, which need not exist."""
    arn = named if named.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{named}"
    return resources.key(named, account, region) or (arn, None)
