"""The claim table in DynamoDB: conditional writes on the partition key alone, of new claims many at once."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import ATTEMPTS, attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.aws.http.client import Service
from baler.files.aws.claim_inserts import insert_statements, inserted
from baler.files.aws.claim_items import KEY, TTL, claim_in, claim_item, record_in
from baler.files.claims.model import BundleRecord, BundleState, Claim, Rejection, record_key
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.aws.http.dynamodb import HttpDynamoDb

_REFUSED: Final = "ConditionalCheckFailedException"

# A batch of inserts that hangs is left after this, and in any case when half of the time is over: its claims are then
# made one by one, in what is left of it.
_INSERT_SECONDS: Final = 2.0
# Of a batch, and of a statement.
_DENIED: Final = frozenset({"AccessDeniedException", "AccessDenied"})


class DynamoClaimTable:
    """The ClaimTable port (see baler/files/claims/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: the table's name.
        deadline: when its calls must be over, seconds since the epoch.
        denied: told when claims may not be inserted. Each is then put by itself, so that nothing else tells.
    """

    def __init__(
        self,
        client: DynamoDBClient | HttpDynamoDb,
        table: str,
        deadline: float = math.inf,
        denied: Callable[[], object] = lambda: None,
    ) -> None:
        self._client = until(client, deadline)
        self._table = table
        self._deadline = deadline
        self._denied = denied
        # boto3's, which the `baler` command reads with, tries again by itself.
        self._attempts = ATTEMPTS if isinstance(client, Service) else 1

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        """Write claims as a batch of statements: one request, and the write units that a put of each would cost."""
        answers = self._insert(claims)
        if any(isinstance(answer, Refused) and answer.reason in _DENIED for answer in answers):
            self._denied()
        return answers

    def _insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        statements = insert_statements(self._table, claims)
        now = time.time()
        deadline = now + min(_INSERT_SECONDS, (self._deadline - now) / 2)
        client = until(self._client, deadline)
        try:
            # Once: what is left is claimed one by one, with a wait before each further attempt.
            answer = attempt("claim files", lambda: client.batch_execute_statement(Statements=statements), deadline, 1)
        except Unavailable as error:
            return [error for _ in claims]
        return inserted(claims, answer)

    def claim(self, claim: Claim, now: float) -> Claim | None:
        """Write the claim, or return the one that stands: DynamoDB returns it with the refusal, without a read."""

        def put() -> Claim | None:
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=claim_item(claim),
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
                    Item=claim_item(claim),
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
