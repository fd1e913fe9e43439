"""HTTP APIs (API Gateway v2): their routes, stages and authorizers. They answer below the gateway's own address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs

_DEFAULT_STAGE = "$default"


def api(name: str, inputs: Inputs) -> Creation:
    """Create an API; its endpoint is where LocalStack answers for it (sandbox/localstack/plugins/baler_http_api)."""
    api_name = physical_name(name, inputs, longest=128)
    definition = inputs.renamed(
        description="Description",
        disableExecuteApiEndpoint="DisableExecuteApiEndpoint",
        protocolType="ProtocolType",
        version="Version",
    )
    cors = inputs.section("corsConfiguration").renamed(
        allowCredentials="AllowCredentials",
        allowHeaders="AllowHeaders",
        allowMethods="AllowMethods",
        allowOrigins="AllowOrigins",
        exposeHeaders="ExposeHeaders",
        maxAge="MaxAge",
    )
    if cors:
        definition["CorsConfiguration"] = cors
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        api_id = aws.http_apis.create_api(Name=api_name, Tags=tags, **definition)["ApiId"]
        account = aws.sts.get_caller_identity()["Account"]
        outputs = {
            "apiEndpoint": _address(aws, api_id),
            "arn": f"arn:aws:apigateway:{aws.region}::/apis/{api_id}",
            "executionArn": f"arn:aws:execute-api:{aws.region}:{account}:{api_id}",
            "name": api_name,
            "tagsAll": tags,
        }
        return Created(api_id, outputs)

    return create


def integration(_name: str, inputs: Inputs) -> Creation:
    """Say what answers a route."""
    definition = inputs.renamed(
        apiId="ApiId",
        connectionType="ConnectionType",
        description="Description",
        integrationMethod="IntegrationMethod",
        integrationType="IntegrationType",
        integrationUri="IntegrationUri",
        payloadFormatVersion="PayloadFormatVersion",
        timeoutMilliseconds="TimeoutInMillis",
    )

    def create(aws: Endpoint) -> Created:
        return Created(aws.http_apis.create_integration(**definition)["IntegrationId"], {})

    return create


def route(_name: str, inputs: Inputs) -> Creation:
    """Say which requests an integration answers, and who may send them."""
    definition = inputs.renamed(
        apiId="ApiId",
        authorizationScopes="AuthorizationScopes",
        authorizationType="AuthorizationType",
        authorizerId="AuthorizerId",
        operationName="OperationName",
        routeKey="RouteKey",
        target="Target",
    )

    def create(aws: Endpoint) -> Created:
        return Created(aws.http_apis.create_route(**definition)["RouteId"], {})

    return create


def stage(name: str, inputs: Inputs) -> Creation:
    """Serve an API's routes, from its root if the stage is `$default`."""
    stage_name = physical_name(name, inputs, longest=128)
    api_id = inputs.take("apiId")
    definition = inputs.renamed(autoDeploy="AutoDeploy", description="Description", stageVariables="StageVariables")
    log = inputs.section("accessLogSettings").renamed(destinationArn="DestinationArn", format="Format")
    if log:
        definition["AccessLogSettings"] = log
    default = _route_settings(inputs.section("defaultRouteSettings"))
    if default:
        definition["DefaultRouteSettings"] = default
    by_route = {each.take("routeKey"): _route_settings(each) for each in inputs.sections("routeSettings")}
    if by_route:
        definition["RouteSettings"] = by_route
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        aws.http_apis.create_stage(ApiId=api_id, StageName=stage_name, Tags=tags, **definition)
        account = aws.sts.get_caller_identity()["Account"]
        path = "" if stage_name == _DEFAULT_STAGE else stage_name
        outputs = {
            "arn": f"arn:aws:apigateway:{aws.region}::/apis/{api_id}/stages/{stage_name}",
            "executionArn": f"arn:aws:execute-api:{aws.region}:{account}:{api_id}/{stage_name}",
            "invokeUrl": f"{_address(aws, api_id)}/{path}",
            "name": stage_name,
            "tagsAll": tags,
        }
        return Created(stage_name, outputs)

    return create


def authorizer(name: str, inputs: Inputs) -> Creation:
    """Say which tokens let a request pass."""
    authorizer_name = physical_name(name, inputs, longest=128)
    definition = inputs.renamed(apiId="ApiId", authorizerType="AuthorizerType", identitySources="IdentitySource")
    jwt = inputs.section("jwtConfiguration").renamed(audiences="Audience", issuer="Issuer")
    if jwt:
        definition["JwtConfiguration"] = jwt

    def create(aws: Endpoint) -> Created:
        created = aws.http_apis.create_authorizer(Name=authorizer_name, **definition)
        return Created(created["AuthorizerId"], {"name": authorizer_name})

    return create


def _route_settings(inputs: Inputs) -> dict[str, Any]:
    return inputs.renamed(
        detailedMetricsEnabled="DetailedMetricsEnabled",
        throttlingBurstLimit="ThrottlingBurstLimit",
        throttlingRateLimit="ThrottlingRateLimit",
    )


def _address(aws: Endpoint, api_id: str) -> str:
    """Return where an API answers, in place of AWS's `https://<id>.execute-api.<region>.amazonaws.com`."""
    return f"{aws.url}/_aws/execute-api/{api_id}"
