"""DynamoDB from moto, which LocalStack brings: its own provider downloads DynamoDB Local and Java.

Conditional puts, transactions (`dynamodb_transactions`), TTL settings and point-in-time recovery work; items whose TTL
has passed stay (AWS too deletes them only within days), and PartiQL takes no parameters.
"""

from localstack.aws.api.dynamodb import DynamodbApi
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """Return the service: no operation is implemented here, so that every one falls to moto."""
    return Service.for_provider(DynamodbApi(), dispatch_table_factory=MotoFallbackDispatcher)
