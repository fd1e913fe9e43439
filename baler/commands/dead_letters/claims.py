"""Reads the claim table, and never writes to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.model import Claim

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.files.claims.model import BundleState
    from baler.files.landed_file import LandedFile


@dataclass(frozen=True, slots=True)
class Claimed:
    """The bundle that a file was claimed for; `state` is None where nothing is known of it."""

    bundle_id: str
    state: BundleState | None


class Claims:
    """The claim table.

    Args:
        client: a DynamoDB client.
        table: the table's name.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = DynamoClaimTable(client, table)

    def on(self, file: LandedFile, now: float) -> Claimed | None:
        """Return the claim on a file that stands at `now`, seconds since the epoch.

        Raises:
            Unavailable: DynamoDB did not answer.
        """
        # Where a claim is follows from the identity alone.
        anywhere = Claim(file.identity, bundle_id="", lease_until=0, expires_at=0)
        claim = self._table.read_claim(anywhere)
        if claim is None or claim.expires_at < now or claim.is_given_back:
            return None
        record = self._table.bundle(claim.bundle_id)
        if self._table.read_claim(anywhere) != claim:
            # It changed hands meanwhile: its bundle may have been archived without the file.
            return None
        return Claimed(claim.bundle_id, None if record is None else record.state)
