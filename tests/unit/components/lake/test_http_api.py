"""The HTTP API in front of the function: its routes, who may ask and how much, and what is logged of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from harness.recorded_program import ACCOUNT, LAKE_ALONE, REGION, record_program

if TYPE_CHECKING:
    from harness.recorded_program import Deployed, Resource

RECORDS: Final = ["GET /records", "GET /records/{id}", "GET /analytics"]
ISSUER: Final = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_abc"
WITH_JWT: Final = {
    **LAKE_ALONE,
    "baler:lakeApiJwtIssuer": ISSUER,
    "baler:lakeApiJwtAudiences": ["one", "two"],
    "baler:lakeDashboard": False,
}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    return record_program("prod", LAKE_ALONE)


def only(deployed: Deployed, token: str) -> Resource:
    (found,) = deployed.all(token)
    return found


def routes(deployed: Deployed) -> dict[str, dict[str, Any]]:
    return {route.inputs["routeKey"]: route.inputs for route in deployed.all("apigatewayv2/route:Route")}


def test_every_route_leads_to_the_functions_alias(prod: Deployed) -> None:
    assert list(routes(prod)) == [*RECORDS, "GET /openapi.json", "$default"]
    integration = only(prod, "apigatewayv2/integration:Integration")
    assert {route["target"] for route in routes(prod).values()} == {f"integrations/{integration.outputs['id']}"}
    alias = prod.one("lambda/alias:Alias", "lake-api")
    assert integration.inputs["integrationUri"] == alias.outputs["arn"]
    assert (integration.inputs["integrationType"], integration.inputs["payloadFormatVersion"]) == ("AWS_PROXY", "2.0")


def test_the_gateway_waits_longer_than_the_function_runs_and_no_longer_than_it_can() -> None:
    for timeout, milliseconds in ((10, 11_000), (29, 30_000)):
        settings = {**LAKE_ALONE, "baler:lakeApiTimeoutSeconds": timeout}
        found = only(record_program("prod", settings), "apigatewayv2/integration:Integration")
        assert found.inputs["timeoutMilliseconds"] == milliseconds


def test_this_api_alone_may_invoke_this_alias_alone(prod: Deployed) -> None:
    permission = prod.one("lambda/permission:Permission", "lake-api").inputs
    api = only(prod, "apigatewayv2/api:Api").outputs["id"]
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert permission["sourceArn"] == f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/$default/*"
    assert permission["qualifier"] == prod.one("lambda/alias:Alias", "lake-api").outputs["name"]


def test_what_is_declared_is_deployed_at_once_under_the_hosts_root(prod: Deployed) -> None:
    stage = only(prod, "apigatewayv2/stage:Stage").inputs
    assert (stage["name"], stage["autoDeploy"]) == ("$default", True)


@pytest.mark.requirement("LAKE-API-04")
def test_the_access_log_ends_and_holds_neither_records_nor_what_a_client_wrote(prod: Deployed) -> None:
    log = access_log(prod)
    assert log.inputs["retentionInDays"] == 7
    settings = only(prod, "apigatewayv2/stage:Stage").inputs["accessLogSettings"]
    assert settings["destinationArn"] == log.outputs["arn"]
    values = set(json.loads(settings["format"]).values())
    assert {"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"} < values
    written = ("path", "query", "header", "userAgent", "claims", "Message", "domain")
    assert [value for value in values if any(word in value for word in written)] == []


def access_log(deployed: Deployed) -> Resource:
    (found,) = (
        group
        for group in deployed.all("cloudwatch/logGroup:LogGroup")
        if group.inputs["name"] == f"/aws/apigateway/baler-{deployed.stack}-lake-api"
    )
    return found


def test_the_logs_retention_is_the_pipelines(prod: Deployed) -> None:
    assert (
        access_log(record_program("prod", {**LAKE_ALONE, "baler:lakeLogRetentionDays": 30})).inputs["retentionInDays"]
        == 30
    )
    assert prod.exports["lakeAccessLogGroup"] == "/aws/apigateway/baler-prod-lake-api"


def test_requests_are_limited_as_the_stack_says(prod: Deployed) -> None:
    limits = only(prod, "apigatewayv2/stage:Stage").inputs["defaultRouteSettings"]
    assert limits == {"throttlingRateLimit": 100, "throttlingBurstLimit": 200}
    changed = {**LAKE_ALONE, "baler:lakeApiRequestsPerSecond": 7, "baler:lakeApiBurst": 3}
    limits = only(record_program("prod", changed), "apigatewayv2/stage:Stage").inputs["defaultRouteSettings"]
    assert limits == {"throttlingRateLimit": 7, "throttlingBurstLimit": 3}


@pytest.mark.requirement("LAKE-API-04")
@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        ({}, ["*"]),
        ({"baler:lakeApiOrigins": ["https://a.example", "http://b.example:8080"]}, None),
        ({"baler:lakeApiOrigins": []}, []),
    ],
)
def test_other_pages_may_read_it_as_the_stack_says(settings: dict[str, Any], origins: list[str] | None) -> None:
    api = only(record_program("prod", {**LAKE_ALONE, **settings}), "apigatewayv2/api:Api").inputs
    cors = api.get("corsConfiguration", {})
    assert cors.get("allowOrigins", []) == (settings["baler:lakeApiOrigins"] if origins is None else origins)
    if cors:
        # All that a page needs of it: what it sends, what it reads of an answer, and that it asks once in two hours.
        assert set(cors["allowMethods"]) == {"GET", "HEAD", "OPTIONS"}
        assert set(cors["allowHeaders"]) == {"authorization", "if-none-match"}
        assert set(cors["exposeHeaders"]) == {"etag", "retry-after"}
        assert cors["maxAge"] == 7_200
    # No page reads it as the person who looks at that page.
    assert "allowCredentials" not in cors


def test_nobody_is_asked_for_a_token_unless_the_stack_names_an_issuer(prod: Deployed) -> None:
    assert prod.all("apigatewayv2/authorizer:Authorizer") == []
    assert {route["authorizationType"] for route in routes(prod).values()} == {"NONE"}


@pytest.mark.requirement("LAKE-FUTURE-06")
def test_with_an_issuer_records_and_whatever_has_no_route_ask_for_a_token() -> None:
    deployed = record_program("prod", WITH_JWT)
    authorizer = only(deployed, "apigatewayv2/authorizer:Authorizer")
    assert authorizer.inputs["authorizerType"] == "JWT"
    assert authorizer.inputs["jwtConfiguration"] == {"issuer": ISSUER, "audiences": ["one", "two"]}
    asking = {key: route.get("authorizerId") for key, route in routes(deployed).items()}
    # A preflight has no token, and who has none yet reads in the description that one is needed.
    assert asking == {
        **dict.fromkeys([*RECORDS, "$default"], authorizer.outputs["id"]),
        **dict.fromkeys(["GET /openapi.json", "OPTIONS /{proxy+}"]),
    }
