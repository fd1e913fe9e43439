"""The claim table in DynamoDB: one conditional write a claim, on the partition key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from runtime.aws.faults import code_of, unavailable
from runtime.claims.model import BundleRecord, BundleState, Claim, Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from runtime.aws.lean.dynamodb import LeanDynamoDb

KEY: Final = "pk"
TTL: Final = "expires_at"

_REFUSED: Final = "ConditionalCheckFailedException"


class DynamoClaimTable:
    """The ClaimTable port (see runtime/claims/ports.py).

    Args:
        client: boto3's, or the lean one.
        table: the table's name.
    """

    def __init__(self, client: DynamoDBClient | LeanDynamoDb, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, claim: Claim, now: float) -> Claim | None:
        """Write the claim, or return the one that stands: DynamoDB returns it with the refusal, without a read."""
        with unavailable("claim"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item(claim),
                    ConditionExpression="attribute_not_exists(pk) OR expires_at < :now",
                    ExpressionAttributeValues={":now": {"N": str(int(now))}},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise
                return _claim(claim.identity, error.response.get("Item", {}))
        return None

    def take_over(self, claim: Claim, old: Claim) -> bool:
        """Replace `old` by `claim`, if `old` or (from a call that seemed to fail) `claim` itself stands."""
        with unavailable("take over a claim"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item(claim),
                    ConditionExpression="bundle_id IN (:old, :new)",
                    ExpressionAttributeValues={":old": {"S": old.bundle_id}, ":new": {"S": claim.bundle_id}},
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise
                return False
        return True

    def give_back(self, claim: Claim) -> None:
        """Mark the claim as given back; that it is so already or another's is as good."""
        with unavailable("give a claim back"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item(claim.given_back()),
                    ConditionExpression="bundle_id = :mine",
                    ExpressionAttributeValues={":mine": {"S": claim.bundle_id}},
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise

    def standing(self, claim: Claim) -> Claim | None:
        """Read the claim on a file, strongly consistent."""
        with unavailable("read a claim"):
            item = self._client.get_item(
                TableName=self._table, Key={KEY: {"S": claim.partition_key}}, ConsistentRead=True
            ).get("Item")
        return None if item is None else _claim(claim.identity, item)

    def bundle(self, bundle_id: str) -> BundleRecord | None:
        """Read the record of a bundle, strongly consistent."""
        with unavailable("read a bundle's record"):
            item = self._client.get_item(
                TableName=self._table, Key={KEY: {"S": _record_key(bundle_id)}}, ConsistentRead=True
            ).get("Item")
        if item is None:
            return None
        return BundleRecord(bundle_id, BundleState(_text(item, "state")), int(_number(item, TTL)))

    def record(self, record: BundleRecord) -> None:
        """Write the record of a bundle."""
        with unavailable("write a bundle's record"):
            self._client.put_item(
                TableName=self._table,
                Item={
                    KEY: {"S": _record_key(record.bundle_id)},
                    "state": {"S": record.state.value},
                    TTL: {"N": str(record.expires_at)},
                },
            )

    def note_rejection(self, rejection: Rejection) -> None:
        """Note that a file was rejected, whatever has been noted of it before."""
        with unavailable("note a rejected file"):
            self._client.put_item(
                TableName=self._table,
                Item={
                    KEY: {"S": rejection.partition_key},
                    "reason": {"S": rejection.reason},
                    TTL: {"N": str(rejection.expires_at)},
                },
            )


def _record_key(bundle_id: str) -> str:
    return f"bundle#{bundle_id}"


def _item(claim: Claim) -> dict[str, AttributeValueTypeDef]:
    return {
        KEY: {"S": claim.partition_key},
        "bundle_id": {"S": claim.bundle_id},
        "lease_until": {"N": f"{claim.lease_until:.3f}"},
        TTL: {"N": str(claim.expires_at)},
    }


def _claim(identity: str, item: Mapping[str, AttributeValueTypeDef]) -> Claim:
    return Claim(identity, _text(item, "bundle_id"), _number(item, "lease_until"), int(_number(item, TTL)))


def _text(item: Mapping[str, AttributeValueTypeDef], name: str) -> str:
    return item[name].get("S", "")


def _number(item: Mapping[str, AttributeValueTypeDef], name: str) -> float:
    return float(item[name].get("N", "0"))
