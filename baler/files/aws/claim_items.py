"""Claims and records of bundles as items of the claim table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.files.claims.model import BundleRecord, BundleState, Claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

KEY: Final = "pk"
TTL: Final = "expires_at"


def claim_item(claim: Claim) -> dict[str, AttributeValueTypeDef]:
    """Return the item that is a claim; its attributes are in the order of `claim_inserts`'s statement."""
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
