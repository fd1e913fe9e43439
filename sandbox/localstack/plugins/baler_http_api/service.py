"""API Gateway v2's control plane, from moto, which LocalStack brings; LocalStack itself has none.

UpdateStage and deployments are missing: a stage of the sandbox deploys what there is, as with `autoDeploy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_localstack.control_plane import from_moto
from localstack.services.plugins import aws_provider

if TYPE_CHECKING:
    from localstack.services.plugins import Service


@aws_provider(api="apigatewayv2", name="default")
def apigatewayv2() -> Service:
    """Return the service."""
    return from_moto("apigatewayv2")
