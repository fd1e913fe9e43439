"""`python -m benchmarks.moto_store <port> <records>`: the lake's tables with so many records, over moto, at that port.

They are written past moto's own interface, through which a hundred thousand would take half an hour.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import boto3
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.server import ThreadedMotoServer

from baler.lake.aws.record_items import CHANGES, COUNT, COUNTER, COUNTER_ITEM
from baler.lake.counters import SHARDS, Day, Total
from runtime.lake.aws.paging_key import KEY, PAGING_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SOURCES: Final = ("jsonplaceholder", "randomuser")
DAYS: Final = 90
REGION: Final = "us-east-1"
_BODY: Final = "a body of a post, of some hundred characters as JSONPlaceholder's are; " * 3


def record_id(number: int) -> str:
    """Return the id of a record, by its number from 0 on."""
    return f"{SOURCES[number % 2]}-{number}"


def main(port: int, records: int) -> None:
    """Fill the tables, and then listen on loopback until the process is ended."""
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION=REGION)  # noqa: S106
    os.environ.pop("AWS_ENDPOINT_URL", None)
    with mock_aws():
        _create(boto3.client("dynamodb"))
        _fill(records)
        ThreadedMotoServer("127.0.0.1", port, verbose=False).start()
        threading.Event().wait()


def _create(client: DynamoDBClient) -> None:
    for name, keys in (("counters", (COUNTER, COUNTER_ITEM)), ("sources", ("source",))):
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    client.create_table(
        TableName="records",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("id", "source", "captured_at")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "SourceIndex",
                "KeySchema": [
                    {"AttributeName": "source", "KeyType": "HASH"},
                    {"AttributeName": "captured_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _fill(records: int) -> None:
    """Write records of the shipped sources, over as many days, and their counts."""
    backend: Any = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION]
    table = backend.get_table("records")
    now = datetime.now(UTC)
    counts = Counter[tuple[str, str]]()
    for number in range(records):
        at = now - timedelta(days=number % DAYS)
        table.put_item(_record(number, at))
        day = Day(SOURCES[number % 2], at.date())
        shard = number // DAYS % SHARDS
        counts[day.source, day.sort_key(shard)] += 1
        counts[day.source, Total(day.source).sort_key(shard)] += 1
    # As of a stack that somebody has used: the proxy would repeat that there is none.
    secret = base64.b64encode(bytes(32)).decode()
    backend.get_table("sources").put_item({KEY: {"S": PAGING_KEY}, "secret": {"B": secret}})
    counters = backend.get_table("counters")
    for (source, key), n in counts.items():
        item = {COUNTER: {"S": source}, COUNTER_ITEM: {"S": key}, COUNT: {"N": str(n)}, CHANGES: {"N": "1"}}
        counters.put_item(item)


def _record(number: int, at: datetime) -> dict[str, Any]:
    source = SOURCES[number % 2]
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    own = (
        {"userId": {"N": str(number)}, "title": {"S": f"title {number}"}, "body": {"S": _BODY}}
        if source == SOURCES[0]
        else {"first_name": {"S": "Ada"}, "last_name": {"S": "Lovelace"}, "email": {"S": f"a{number}@b.example"}}
    )
    return {
        "id": {"S": record_id(number)},
        "source": {"S": source},
        "type": {"S": "posts"},
        "captured_at": {"S": moment},
        "changed_at": {"S": moment},
        "generation": {"N": "1001"},
        "fingerprint": {"S": "f" * 64},
        "raw_s3_key": {"S": f"raw/source={source}/date={moment[:10]}/{moment}-{'0' * 64}.json"},
        "seen": {"S": f"{moment}#00000000000000001001"},
        "processed_at": {"S": moment},
        "document": {"S": json.dumps({"title": f"title {number}", "body": _BODY})},
        **own,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
