"""Services of which moto keeps and answers everything; LocalStack has no class for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.aws.api import RequestContext


class _ControlPlane:
    """A service of which botocore's model names the operations."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.version = load_service(service).api_version


def from_moto(name: str) -> Service:
    """Return a service whose operations are all moto's."""

    def dispatch(_provider: object) -> dict[str, Callable[[RequestContext, Any], Any]]:
        return dict.fromkeys(load_service(name).operation_names, _call)

    return Service.for_provider(_ControlPlane(name), dispatch_table_factory=dispatch)


def _call(context: RequestContext, _request: Any) -> Any:
    return call_moto(context)
