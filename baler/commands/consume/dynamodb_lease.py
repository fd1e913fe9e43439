"""The lease table in DynamoDB, by boto3: GetItem, PutItem and UpdateItem of one table, and no other right."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from baler.aws.faults import code_of
from baler.cli.aws_session import aws_session
from baler.cli.refusals import passes
from baler.cli.s3 import NO_CREDENTIALS
from baler.commands.consume.lease import Earlier, LeaseError, LeaseItem, LeaseRefusedError

if TYPE_CHECKING:
    from collections.abc import Generator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_LEASE: Final = "lease"
_DELIVERY: Final = "delivery "
# How long a delivery is remembered across hosts: longer than any stack's claims live, and than a replay's token counts.
_KEPT_SECONDS: Final = 800 * 86_400
_NO: Final = "ConditionalCheckFailedException"


def dynamodb_client() -> DynamoDBClient:
    """Make the client: an answer that does not come within seconds is worth less than the time that it takes.

    Raises:
        LeaseRefusedError: the AWS settings are not usable.
    """
    config = Config(connect_timeout=3, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
    try:
        return aws_session().client("dynamodb", config=config)
    except (BotoCoreError, ValueError) as error:
        raise LeaseRefusedError(
            f"The AWS settings are not usable for DynamoDB ({error}): check AWS_REGION, AWS_PROFILE and "
            "AWS_ENDPOINT_URL_DYNAMODB."
        ) from error


class DynamoDbLeaseTable:
    """The lease and the deliveries of one mailbox.

    Args:
        client: boto3's DynamoDB client.
        table: its name; the partition key is the text `pk`.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self) -> LeaseItem | None:
        """Read the lease."""
        with self._explained():
            answer = self._client.get_item(TableName=self._table, Key={"pk": {"S": _LEASE}}, ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return None
        return LeaseItem(
            _text(item, "owner"), _text(item, "host"), int(_number(item, "generation")), int(_number(item, "beat"))
        )

    def write(self, item: LeaseItem, *, expected: LeaseItem | None) -> bool:
        """Write the lease on condition of its generation and beat."""
        values: dict[str, AttributeValueTypeDef] = {
            "pk": {"S": _LEASE},
            "owner": {"S": item.owner},
            "host": {"S": item.host},
            "generation": {"N": str(item.generation)},
            "beat": {"N": str(item.beat)},
        }
        with self._explained():
            try:
                if expected is None:
                    self._client.put_item(
                        TableName=self._table, Item=values, ConditionExpression="attribute_not_exists(pk)"
                    )
                else:
                    self._client.put_item(
                        TableName=self._table,
                        Item=values,
                        ConditionExpression="#generation = :generation AND #beat = :beat",
                        ExpressionAttributeNames={"#generation": "generation", "#beat": "beat"},
                        ExpressionAttributeValues={
                            ":generation": {"N": str(expected.generation)},
                            ":beat": {"N": str(expected.beat)},
                        },
                    )
            except ClientError as error:
                if code_of(error) != _NO:
                    raise
                return False
        return True

    def begin(self, delivery: str, consumer: str, host: str) -> Earlier | None:
        """Put the delivery's item unless it is finished; the item that it replaces says who began it before."""
        item = self._delivery(delivery, consumer, host, finished=False)
        with self._explained():
            try:
                answer = self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(finished) OR finished = :no",
                    ExpressionAttributeValues={":no": {"BOOL": False}},
                    ReturnValues="ALL_OLD",
                )
                # Not there where there was no item, whatever the type says.
                before = answer.get("Attributes", {})
            except ClientError as error:
                if code_of(error) != _NO:
                    raise
                found = self._client.get_item(TableName=self._table, Key={"pk": item["pk"]}, ConsistentRead=True)
                return Earlier(_text(found.get("Item", {}), "host"), delivered=True)
        if not before or _text(before, "consumer") == consumer:
            return None
        return Earlier(_text(before, "host"), delivered=False)

    def end(self, delivery: str, consumer: str, host: str) -> None:
        """Note that the delivery is finished; who finished it first stays noted."""
        with self._explained():
            self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": f"{_DELIVERY}{delivery}"}},
                UpdateExpression=(
                    "SET #finished = :yes, #consumer = if_not_exists(#consumer, :consumer), "
                    "#host = if_not_exists(#host, :host), #expires = :expires"
                ),
                # Some of these names are reserved words of DynamoDB.
                ExpressionAttributeNames={
                    "#finished": "finished",
                    "#consumer": "consumer",
                    "#host": "host",
                    "#expires": "expires_at",
                },
                ExpressionAttributeValues={
                    ":yes": {"BOOL": True},
                    ":consumer": {"S": consumer},
                    ":host": {"S": host},
                    ":expires": _expiry(),
                },
            )

    def _delivery(self, delivery: str, consumer: str, host: str, *, finished: bool) -> dict[str, AttributeValueTypeDef]:
        return {
            "pk": {"S": f"{_DELIVERY}{delivery}"},
            "consumer": {"S": consumer},
            "host": {"S": host},
            "finished": {"BOOL": finished},
            "expires_at": _expiry(),
        }

    @contextmanager
    def _explained(self) -> Generator[None]:
        what = f"use the lease table {self._table!r}"
        try:
            yield
        except ClientError as error:
            if not passes(error):
                raise LeaseRefusedError(
                    f"Could not {what} ({error}): check its name, AWS_ENDPOINT_URL_DYNAMODB and the consumer's role."
                ) from error
            raise LeaseError(f"Could not {what}: {error}") from error
        except NO_CREDENTIALS as error:
            raise LeaseRefusedError(f"Found no usable AWS credentials ({error}).") from error
        except (BotoCoreError, ResponseParserError) as error:
            raise LeaseError(f"Could not {what}: {error}") from error


def _expiry() -> AttributeValueTypeDef:
    return {"N": str(int(time.time()) + _KEPT_SECONDS)}


def _text(item: dict[str, AttributeValueTypeDef], name: str) -> str:
    return item.get(name, {}).get("S", "")


def _number(item: dict[str, AttributeValueTypeDef], name: str) -> str:
    return item.get(name, {}).get("N", "0")
