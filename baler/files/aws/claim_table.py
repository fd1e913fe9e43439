"""The claim table in DynamoDB: conditional writes on the partition key alone, of new claims many at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import ATTEMPTS, attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.aws.http.client import Service
from baler.files.claims.model import BundleRecord, BundleState, Claim, Rejection, record_key
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, BatchStatementRequestTypeDef

    from baler.aws.http.dynamodb import HttpDynamoDb

KEY: Final = "pk"
TTL: Final = "expires_at"

_REFUSED: Final = "ConditionalCheckFailedException"

# Developer guide, "PartiQL insert statements for DynamoDB": an INSERT is conditional by its nature.
_INSERT: Final = "INSERT INTO \"{}\" VALUE {{'pk': ?, 'bundle_id': ?, 'lease_until': ?, 'expires_at': ?}}"
# What may have been done of a statement with one of these is not known; all others are refusals (API reference,
# "BatchStatementError").
_UNCERTAIN: Final = frozenset({"", "InternalServerError"})


class DynamoClaimTable:
    """The ClaimTable port (see baler/files/claims/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: the table's name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: DynamoDBClient | HttpDynamoDb, table: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._table = table
        self._deadline = deadline
        # boto3's, which the `baler` command reads with, tries again by itself.
        self._attempts = ATTEMPTS if isinstance(client, Service) else 1

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        """Write claims as a batch of statements, which costs a request, and write units as a put of each would."""
        statements: list[BatchStatementRequestTypeDef] = [
            {
                "Statement": _INSERT.format(self._table),
                "Parameters": list(_item(claim).values()),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
            for claim in claims
        ]

        def batch() -> Sequence[Mapping[str, Any]]:
            return self._client.batch_execute_statement(Statements=statements)["Responses"]

        try:
            # Once: what is left is claimed one by one, with a wait before each further attempt.
            answers = attempt("claim files", batch, self._deadline, 1)
        except Unavailable as error:
            return [error for _ in claims]
        # One that is missing would be an answer that is not understood.
        told = [*answers, *({"Error": {}} for _ in claims)]
        return [_inserted(claim, answer.get("Error")) for claim, answer in zip(claims, told, strict=False)]

    def claim(self, claim: Claim, now: float) -> Claim | None:
        """Write the claim, or return the one that stands: DynamoDB returns it with the refusal, without a read."""

        def put() -> Claim | None:
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
                return claim_in(error.response.get("Item", {}), claim.identity)
            return None

        return attempt("claim", put, self._deadline, self._attempts)

    def take_over(self, claim: Claim, old: Claim) -> bool:
        """Replace `old` by `claim`, if `old` or (from a call that seemed to fail) `claim` itself stands."""
        return self._replace(
            "take over a claim",
            claim,
            "bundle_id IN (:old, :new)",
            {":old": {"S": old.bundle_id}, ":new": {"S": claim.bundle_id}},
        )

    def give_back(self, claim: Claim) -> None:
        """Mark the claim as given back; that it is so already or another's is as good."""
        self._replace("give a claim back", claim.given_back(), "bundle_id = :mine", {":mine": {"S": claim.bundle_id}})

    def read_claim(self, claim: Claim) -> Claim | None:
        """Read the claim on a file, strongly consistent."""
        item = self._read("read a claim", claim.partition_key)
        return None if item is None else claim_in(item, claim.identity)

    def bundle(self, bundle_id: str) -> BundleRecord | None:
        """Read the record of a bundle, strongly consistent."""
        item = self._read("read a bundle's record", record_key(bundle_id))
        return None if item is None else record_in(item, bundle_id)

    def record(self, record: BundleRecord) -> None:
        """Write the record of a bundle; ARCHIVED only if there is none.

        Else the second attempt at a write whose first took effect, unseen, could undo the COMMITTED of whoever rolled
        the bundle forward in between, and the bundle would be put into the mailbox once more.
        """
        item: dict[str, AttributeValueTypeDef] = {
            KEY: {"S": record_key(record.bundle_id)},
            "state": {"S": record.state.value},
            TTL: {"N": str(record.expires_at)},
        }

        def put() -> None:
            if record.state is BundleState.COMMITTED:
                self._client.put_item(TableName=self._table, Item=item)
                return
            try:
                self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise

        attempt("write a bundle's record", put, self._deadline, self._attempts)

    def note_rejection(self, rejection: Rejection) -> None:
        """Note that a file was rejected, whatever has been noted of it before."""
        item: dict[str, AttributeValueTypeDef] = {
            KEY: {"S": rejection.partition_key},
            "reason": {"S": rejection.reason},
            TTL: {"N": str(rejection.expires_at)},
        }

        def put() -> None:
            self._client.put_item(TableName=self._table, Item=item)

        attempt("note a rejected file", put, self._deadline, self._attempts)

    def _replace(self, what: str, claim: Claim, condition: str, values: Mapping[str, AttributeValueTypeDef]) -> bool:
        """Write a claim over another; False where the condition does not hold."""

        def put() -> bool:
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item(claim),
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise
                return False
            return True

        return attempt(what, put, self._deadline, self._attempts)

    def _read(self, what: str, key: str) -> Mapping[str, AttributeValueTypeDef] | None:
        def get() -> Mapping[str, AttributeValueTypeDef] | None:
            return self._client.get_item(TableName=self._table, Key={KEY: {"S": key}}, ConsistentRead=True).get("Item")

        return attempt(what, get, self._deadline, self._attempts)


def _inserted(claim: Claim, error: Mapping[str, Any] | None) -> Claim | Unavailable | None:
    """Return what became of a statement."""
    if error is None:
        return None
    if error.get("Item"):
        return claim_in(error["Item"], claim.identity)
    code = error.get("Code", "")
    message = f"claim: {code or 'no answer'}"
    return Unavailable(message) if code in _UNCERTAIN else Refused(message, code)


def _item(claim: Claim) -> dict[str, AttributeValueTypeDef]:
    return {
        KEY: {"S": claim.partition_key},
        "bundle_id": {"S": claim.bundle_id},
        "lease_until": {"N": f"{claim.lease_until:.3f}"},
        TTL: {"N": str(claim.expires_at)},
    }


def claim_in(item: Mapping[str, AttributeValueTypeDef], identity: str) -> Claim:
    """Read an item that is the claim on a file."""
    return Claim(identity, _text(item, "bundle_id"), _number(item, "lease_until"), int(_number(item, TTL)))


def record_in(item: Mapping[str, AttributeValueTypeDef], bundle_id: str) -> BundleRecord:
    """Read an item that is the record of a bundle."""
    return BundleRecord(bundle_id, BundleState(_text(item, "state")), int(_number(item, TTL)))


def _text(item: Mapping[str, AttributeValueTypeDef], name: str) -> str:
    return item[name].get("S", "")


def _number(item: Mapping[str, AttributeValueTypeDef], name: str) -> float:
    return float(item[name].get("N", "0"))
