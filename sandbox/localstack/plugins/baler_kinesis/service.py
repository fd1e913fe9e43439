"""Kinesis from moto: LocalStack's own provider wants a program of Node's or Scala's that it downloads."""

from localstack.aws.api.kinesis import KinesisApi
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider
from moto.kinesis.models import kinesis_backends

from baler_kinesis.backend import LimitedBackend


@aws_provider(api="kinesis", name="moto")
def kinesis() -> Service:
    """Return the service: no operation is implemented here, so that every one falls to moto and its backend to ours."""
    kinesis_backends.backend = LimitedBackend
    return Service.for_provider(KinesisApi(), dispatch_table_factory=MotoFallbackDispatcher)
