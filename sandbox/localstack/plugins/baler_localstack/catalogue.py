"""Glue's and Athena's control planes from moto, which LocalStack brings; LocalStack itself has neither.

Databases, tables, partitions and workgroups are kept and answered. Nothing runs a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service, aws_provider

from baler_localstack.glue_versions import check_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.aws.api import RequestContext


class _ControlPlane:
    """A service that LocalStack has no class for: botocore's model names its operations."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.version = load_service(service).api_version


def _from_moto(name: str) -> Service:
    def dispatch(_provider: object) -> dict[str, Callable[[RequestContext, Any], Any]]:
        return dict.fromkeys(load_service(name).operation_names, _call)

    return Service.for_provider(_ControlPlane(name), dispatch_table_factory=dispatch)


def _call(context: RequestContext, _request: Any) -> Any:
    return call_moto(context)


@aws_provider(api="glue", name="default")
def glue() -> Service:
    """Return Glue, which refuses updates of tables that are of another version than the caller read."""
    check_versions()
    return _from_moto("glue")


@aws_provider(api="athena", name="default")
def athena() -> Service:
    """Return Athena."""
    return _from_moto("athena")
