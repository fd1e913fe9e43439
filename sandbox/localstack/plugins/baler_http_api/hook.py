"""Puts the endpoint into LocalStack's gateway."""

from __future__ import annotations

from localstack.runtime import hooks


@hooks.on_infra_start()
def serve_http_apis() -> None:
    """Serve every HTTP API, those that are made later too."""
    # As late as may be: it loads clients of LocalStack's.
    from localstack.services.edge import ROUTER  # noqa: PLC0415

    from baler_http_api.endpoint import HttpApiEndpoint  # noqa: PLC0415
    from baler_http_api.gateway import HttpApiGateway  # noqa: PLC0415

    HttpApiEndpoint(HttpApiGateway()).register(ROUTER)
