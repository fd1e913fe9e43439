"""What requests to Kinesis need, and those to KMS, which Kinesis makes for who puts and reads.

https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_kinesis.iterator import IteratorError, parse_iterator

from baler_iam.access import Access
from baler_iam.actions.topics import named_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources

_WITH_KEY = {
    "PutRecord": "kms:GenerateDataKey",
    "PutRecords": "kms:GenerateDataKey",
    "GetRecords": "kms:Decrypt",
    "SubscribeToShard": "kms:Decrypt",
}
# IAM knows no resource of these (service authorization reference, "Actions defined by Amazon Kinesis Data Streams").
_WITHOUT_STREAM = frozenset(
    {
        "DescribeAccountSettings",
        "DescribeLimits",
        "DisableEnhancedMonitoring",
        "EnableEnhancedMonitoring",
        "ListStreams",
        "UpdateAccountSettings",
        "UpdateShardCount",
        "UpdateStreamMode",
    }
)
# Kinesis' own key lets everybody of the account use it.
_OF_AWS = "alias/aws/"


def stream_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to Kinesis needs."""
    arn = _arn(call)
    account = arn.split(":")[4] if arn != "*" else call.account
    yield Access(f"kinesis:{call.operation}", arn, account)
    named = resources.stream_key(arn) if call.operation in _WITH_KEY and arn != "*" else None
    if named and not named.startswith(_OF_AWS):
        region = arn.split(":")[3]
        key, policy = named_key(named, account, region, resources)
        context = {
            "kms:ViaService": f"kinesis.{region}.amazonaws.com",
            "kms:EncryptionContext:aws:kinesis:arn": arn,
        }
        yield Access(_WITH_KEY[call.operation], key, account, policy, context)


def _arn(call: Call) -> str:
    """Return the ARN of the stream or consumer that a request is about; "*" for one that is about none."""
    parameters = call.parameters
    if call.operation in _WITHOUT_STREAM:
        return "*"
    for name in ("ConsumerARN", "StreamARN", "ResourceARN"):
        if name in parameters:
            return parameters[name]
    if "StreamName" in parameters:
        return call.arn(f"stream/{parameters['StreamName']}")
    if "ShardIterator" in parameters:
        try:
            return call.arn(f"stream/{parse_iterator(parameters['ShardIterator']).stream}")
        except IteratorError:
            return "*"  # Kinesis refuses it
    return "*"
