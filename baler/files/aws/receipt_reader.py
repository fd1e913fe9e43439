"""What the courier noted of deliveries, read many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.files.aws.batch_read import BatchRead
from baler.files.aws.courier_table import KEY, delivery_key, record_in
from baler.files.courier.delivery_record import DeliveryId

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.files.courier.delivery_record import DeliveryRecord


class DynamoReceiptReader:
    """Reads the courier's table, strongly consistent.

    Args:
        client: a DynamoDB client.
        table: the courier's table.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._read = BatchRead(client, table, KEY, "read receipts")

    def first_deliveries(self, bundle_ids: Collection[str]) -> Mapping[str, DeliveryRecord]:
        """Return what is known of the first delivery of bundles, by bundle id; replays are left out.

        Raises:
            Unavailable: DynamoDB did not answer.
        """
        by_key = {delivery_key(delivery): delivery for delivery in map(DeliveryId, bundle_ids)}
        return {by_key[key].bundle_id: record_in(item, by_key[key]) for key, item in self._read.items(list(by_key))}
