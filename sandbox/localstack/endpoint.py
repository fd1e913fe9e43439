"""A LocalStack that already runs, named by the environment as localstack-client reads it."""

from __future__ import annotations

import os

from localstack_client.config import get_service_endpoint


def external_endpoint() -> str | None:
    """Return the URL that AWS_ENDPOINT_URL or LOCALSTACK_HOST (with USE_SSL) names, None where neither is set."""
    if not any(os.environ.get(name, "").strip() for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST")):
        return None
    return get_service_endpoint("s3")  # one gateway serves every service
