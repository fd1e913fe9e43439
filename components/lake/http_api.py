"""The HTTP API in front of the function that answers: its routes, who may ask, how much, and the log of who did."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.function import FunctionAlias

ANY_ORIGIN: Final = "*"
"""In place of origins: every page may read the API in a browser."""

_RECORDS: Final = ("GET /records", "GET /records/{id}", "GET /analytics")

# Says how to ask and holds no record. It is open where records are not: whoever has no token yet reads in it that one
# is needed.
_DESCRIPTION: Final = "GET /openapi.json"

# What no other route takes: the function says 404 or 405 in the API's one shape, where the gateway would say "Not
# Found" for both.
_OTHERS: Final = "$default"

# An authorizer of `$default` is asked for browsers' preflights too, which carry no token (API Gateway developer guide,
# "Configure CORS for HTTP APIs", on $default and authorizers).
_PREFLIGHTS: Final = "OPTIONS /{proxy+}"

# A request to this stage has no prefix in its path.
_STAGE: Final = "$default"

# The longest that an HTTP API waits (API Gateway quotas, "Maximum integration timeout"). It cannot be raised.
_LONGEST_WAIT_SECONDS: Final = 30
_PREFLIGHT_SECONDS: Final = 7_200
"""The longest that Chrome remembers an answer to a preflight."""

# A line of the access log. Neither path nor query nor any header: those name records, and can hold tokens. Nothing here
# is what a client sends, so that nobody can write a line of his own: the gateway puts values in as they are.
_LOG_LINE: Final[Mapping[str, str]] = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "routeKey": "$context.routeKey",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "integrationRequestId": "$context.integration.requestId",
    "errorType": "$context.error.responseType",
}


@dataclass(frozen=True, kw_only=True)
class Jwt:
    """Whose tokens are asked for. A token's signature, issuer, audience and times are checked by the gateway."""

    issuer: str
    audiences: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class HttpApiArgs:
    """What is answered by whom, and to whom."""

    function: FunctionAlias
    """What answers, with payload format 2.0."""

    function_timeout_seconds: int
    """Its longest run: below the 30 seconds that an HTTP API waits."""

    origins: Sequence[str]
    """Origins whose pages may read answers in a browser; `*` is all, and nothing is none."""

    jwt: Jwt | None
    """Whose tokens are asked for; None asks for none."""

    requests_per_second: int
    burst: int
    """Requests of all clients together that the gateway takes in the long run, and at once. An HTTP API counts no
    clients apart."""

    log_retention_days: int


class HttpApi(pulumi.ComponentResource):
    """An HTTP API with one function behind all of its routes, the last of which takes whatever the others do not."""

    def __init__(self, name: str, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:http_api:HttpApi", name, None, opts)
        self._name = name
        child = pulumi.ResourceOptions(parent=self)
        api = aws.apigatewayv2.Api(
            name,
            protocol_type="HTTP",
            description="Records of the lake, and how many there are.",
            cors_configuration=_cors(args.origins),
            opts=child,
        )
        self.id: pulumi.Output[str] = api.id
        self.url: pulumi.Output[str] = api.api_endpoint
        """Where it is, without a slash at the end."""

        self._declare_routes(api, args)
        self.log_group: pulumi.Output[str] = self._declare_stage(api, args)
        aws.lambda_.Permission(
            name,
            function=args.function.function,
            qualifier=args.function.name,
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
            # All routes of this API's one stage: all of them are the function's.
            source_arn=pulumi.Output.concat(api.execution_arn, f"/{_STAGE}/*"),
            opts=child,
        )
        self.register_outputs({"url": self.url, "log_group": self.log_group})

    def _declare_routes(self, api: aws.apigatewayv2.Api, args: HttpApiArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        integration = aws.apigatewayv2.Integration(
            self._name,
            api_id=api.id,
            integration_type="AWS_PROXY",
            # An alias by its plain ARN (API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP
            # APIs").
            integration_uri=args.function.arn,
            payload_format_version="2.0",
            # The function's own end comes first, which its log and its metrics know of.
            timeout_milliseconds=1000 * min(args.function_timeout_seconds + 1, _LONGEST_WAIT_SECONDS),
            opts=child,
        )
        authorizer = self._declare_authorizer(api, args.jwt) if args.jwt else None
        for key in (*_RECORDS, _DESCRIPTION, _OTHERS, *([_PREFLIGHTS] if authorizer else [])):
            # What no other route takes asks for a token too: `/records/` and `HEAD /records` are among that.
            asks = authorizer is not None and key not in (_DESCRIPTION, _PREFLIGHTS)
            aws.apigatewayv2.Route(
                f"{self._name}-{_words(key)}",
                api_id=api.id,
                route_key=key,
                target=pulumi.Output.concat("integrations/", integration.id),
                authorization_type="JWT" if asks else "NONE",
                authorizer_id=authorizer.id if authorizer and asks else None,
                opts=child,
            )

    def _declare_authorizer(self, api: aws.apigatewayv2.Api, jwt: Jwt) -> aws.apigatewayv2.Authorizer:
        return aws.apigatewayv2.Authorizer(
            self._name,
            api_id=api.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(
                issuer=jwt.issuer, audiences=[*jwt.audiences]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _declare_stage(self, api: aws.apigatewayv2.Api, args: HttpApiArgs) -> pulumi.Output[str]:
        """Declare the stage, which deploys by itself what is declared, and its log; return the log's name.

        Whoever deploys lets the service that delivers logs write here: AWS adds that to the account's policy when the
        stage is made (API Gateway developer guide, "Configure logging for HTTP APIs").
        """
        child = pulumi.ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(
            self._name, name=f"/aws/apigateway/{self._name}", retention_in_days=args.log_retention_days, opts=child
        )
        aws.apigatewayv2.Stage(
            self._name,
            api_id=api.id,
            name=_STAGE,
            auto_deploy=True,
            access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
                destination_arn=log_group.arn, format=json.dumps(_LOG_LINE)
            ),
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=args.requests_per_second, throttling_burst_limit=args.burst
            ),
            opts=child,
        )
        return log_group.name


def _cors(origins: Sequence[str]) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
    if not origins:
        return None
    return aws.apigatewayv2.ApiCorsConfigurationArgs(
        allow_origins=[*origins],
        allow_methods=["GET", "HEAD", "OPTIONS"],
        # Those that a browser asks about; cookies are never sent.
        allow_headers=["authorization", "if-none-match"],
        expose_headers=["etag", "retry-after"],
        max_age=_PREFLIGHT_SECONDS,
    )


def _words(route_key: str) -> str:
    """Return a route as part of a logical name: `get-records-id` for `GET /records/{id}`."""
    return "-".join(filter(None, "".join(c if c.isalnum() else " " for c in route_key).lower().split()))
