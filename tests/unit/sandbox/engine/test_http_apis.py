from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pulumi import FileAsset, StringAsset

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.resources.registry import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.resources.creation import Created

    Create = Callable[..., Created]

FUNCTION = "arn:aws:lambda:eu-west-2:123456789012:function:f:live"
LOG = "arn:aws:logs:eu-west-2:123456789012:log-group:g"


IDS = {"ApiId": "a1", "IntegrationId": "i1", "AuthorizerId": "z1", "RouteId": "r1"}


@pytest.fixture
def asked(aws: Endpoint) -> list[tuple[str, dict[str, Any]]]:
    """What API Gateway is asked for; it answers each request with the ids above, as moto's wants a package more."""
    requests: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        requests.append((model.name, dict(params)))

    def answer(**_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), IDS

    aws.http_apis.meta.events.register("provide-client-params.apigatewayv2", note)
    aws.http_apis.meta.events.register("before-call.apigatewayv2", answer)
    return requests


def test_an_api_answers_below_the_address_of_the_endpoint(create: Create, asked: list[Any]) -> None:
    cors = {"allowOrigins": ["*"], "allowMethods": ["GET"], "maxAge": 60.0}
    api = create(
        "aws:apigatewayv2/api:Api",
        {"name": "n", "protocolType": "HTTP", "corsConfiguration": cors, "tags": {"project": "baler"}},
    )

    expected_cors = {"AllowOrigins": ["*"], "AllowMethods": ["GET"], "MaxAge": 60}
    expected = {"ProtocolType": "HTTP", "CorsConfiguration": expected_cors, "Tags": {"project": "baler"}}
    assert asked == [("CreateApi", {"Name": "n", **expected})]
    assert api.outputs["apiEndpoint"] == "http://moto/_aws/execute-api/a1"
    assert api.outputs["executionArn"] == "arn:aws:execute-api:eu-west-2:123456789012:a1"


def test_a_route_leads_to_its_function_for_who_has_a_token(create: Create, asked: list[Any]) -> None:
    create(
        "aws:apigatewayv2/integration:Integration",
        {
            "apiId": "a1",
            "integrationType": "AWS_PROXY",
            "integrationUri": FUNCTION,
            "payloadFormatVersion": "2.0",
            "timeoutMilliseconds": 11_000.0,
        },
    )
    create(
        "aws:apigatewayv2/authorizer:Authorizer",
        {
            "apiId": "a1",
            "name": "tokens",
            "authorizerType": "JWT",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": {"issuer": "https://issuer.test", "audiences": ["lake"]},
        },
    )
    create(
        "aws:apigatewayv2/route:Route",
        {
            "apiId": "a1",
            "routeKey": "GET /records",
            "target": "integrations/i1",
            "authorizationType": "JWT",
            "authorizerId": "z1",
        },
    )

    integration, authorizer, route = (parameters for _, parameters in asked)
    assert (integration["IntegrationUri"], integration["TimeoutInMillis"]) == (FUNCTION, 11_000)
    assert authorizer["JwtConfiguration"] == {"Issuer": "https://issuer.test", "Audience": ["lake"]}
    assert (route["Target"], route["AuthorizationType"], route["AuthorizerId"]) == ("integrations/i1", "JWT", "z1")


def test_a_stage_has_its_log_and_its_limits(create: Create, asked: list[Any]) -> None:
    stage = create(
        "aws:apigatewayv2/stage:Stage",
        {
            "apiId": "a1",
            "name": "$default",
            "autoDeploy": True,
            "accessLogSettings": {"destinationArn": LOG, "format": "{}"},
            "defaultRouteSettings": {"throttlingRateLimit": 100.0, "throttlingBurstLimit": 200.0},
        },
    )

    ((_, parameters),) = asked
    assert parameters["StageName"] == "$default"
    assert parameters["AccessLogSettings"] == {"DestinationArn": LOG, "Format": "{}"}
    assert parameters["DefaultRouteSettings"] == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}
    assert stage.outputs["invokeUrl"] == "http://moto/_aws/execute-api/a1/"


def test_an_object_is_put_as_the_program_says(aws: Endpoint, create: Create, bucket: str, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<html>")

    inputs = {"bucket": bucket, "contentType": "text/html", "cacheControl": "no-cache"}
    create("aws:s3/bucketObjectv2:BucketObjectv2", {**inputs, "key": "index.html", "source": FileAsset(str(page))})
    created = create("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": bucket, "key": "config.json", "content": "{}"})

    found = aws.s3.get_object(Bucket=bucket, Key="index.html")
    assert found["Body"].read() == b"<html>"
    assert (found["ContentType"], found.get("CacheControl")) == ("text/html", "no-cache")
    assert aws.s3.get_object(Bucket=bucket, Key="config.json")["Body"].read() == b"{}"
    assert created.id == f"{bucket}/config.json"


def test_an_object_from_another_source_than_a_file_is_refused(create: Create, bucket: str) -> None:
    with pytest.raises(UnsupportedResourceError, match="FileAsset"):
        create("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": bucket, "key": "k", "source": StringAsset("x")})


def test_the_sandbox_says_what_stands_in_for_cloudfront() -> None:
    reasons = {reason for token, reason in ABSENT.items() if token.startswith("aws:cloudfront/")}
    assert reasons == {"LocalStack has no CloudFront: the sandbox's own server shows the site"}
