"""Claims as a batch of PartiQL INSERTs, each of which is done or refused by itself.

AWS's words on it: an INSERT is a put on the condition that there is no item with its key, else `DuplicateItem`
(developer guide, "PartiQL insert statements for DynamoDB"); 25 statements make a batch, and its HTTP 200 says nothing
of any of them (API reference, "BatchExecuteStatement"); each has an error of its own, with the item that was in its way
where `ReturnValuesOnConditionCheckFailure` asks for it ("BatchStatementError").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baler.files.aws.claim_items import claim_in, claim_item
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef

    from baler.files.claims.model import Claim

_INSERT: Final = "INSERT INTO \"{}\" VALUE {{'pk': ?, 'bundle_id': ?, 'lease_until': ?, 'expires_at': ?}}"
# A statement with one of these was not done; BatchStatementError lists beside them InternalServerError alone, which
# leaves open what was done, as does any code that is not known here. Throttling is among them: a batch is no
# transaction, and a statement that found no capacity wrote nothing.
_REFUSALS: Final = frozenset(
    {
        "AccessDenied",
        "ConditionalCheckFailed",
        "DuplicateItem",
        "ItemCollectionSizeLimitExceeded",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ResourceNotFound",
        "ThrottlingError",
        "TransactionConflict",
        "ValidationError",
    }
)


def insert_statements(table: str, claims: Sequence[Claim]) -> list[BatchStatementRequestTypeDef]:
    """Return the statements of a batch."""
    insert = _INSERT.format(table)
    return [
        {
            "Statement": insert,
            "Parameters": list(claim_item(claim).values()),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        for claim in claims
    ]


def inserted(claims: Sequence[Claim], answer: Mapping[str, Any]) -> list[Claim | Unavailable | None]:
    """Return what became of each claim, by the answer to its batch; see `ClaimTable.insert`.

    Of an answer that does not have one response for each statement nothing is understood: which is whose? And where the
    batch was sent more than once, a refusal is only the last one's: an earlier one may have been done, or will be.
    """
    responses: Sequence[Mapping[str, Any]] = answer.get("Responses", ())
    if len(responses) != len(claims):
        return [Unavailable("claim files: an answer with another number of responses") for _ in claims]
    once = not answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    told = zip(claims, responses, strict=True)
    return [_outcome(claim, response.get("Error"), once=once) for claim, response in told]


def _outcome(claim: Claim, error: Mapping[str, Any] | None, *, once: bool) -> Claim | Unavailable | None:
    if error is None:
        return None
    if item := error.get("Item"):
        return claim_in(item, claim.identity)
    code: str = error.get("Code", "")
    message = f"claim: {code or 'an error without a code'}"
    return Refused(message, code) if once and code in _REFUSALS else Unavailable(message)
