"""HTTP APIs in LocalStack answer as API Gateway documents it: sandbox/localstack/plugins/baler_http_api."""

from __future__ import annotations

import base64
import http.client
import io
import json
import textwrap
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from harness.measured import measured
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack

    Refusals = Callable[[], list[Refusal]]

REGION = "eu-west-2"
ACCOUNT = "000000000000"
# Returns its event, or what the event's path asks for.
ECHO = textwrap.dedent(
    """
    import time

    def handle(event, context):
        path = event["rawPath"].rpartition("/")[2]
        if path == "raises":
            raise ValueError("secret")
        if path == "huge":
            return "x" * (6 * 1024 * 1024 + 200)
        if path == "slow":
            time.sleep(3)
        if path == "made":
            return {
                "statusCode": 201,
                "headers": {"Location": "/there", "access-control-allow-origin": "https://function.test"},
                "cookies": ["a=1", "b=2"],
                "body": "aGVsbG8=",
                "isBase64Encoded": True,
            }
        if path == "unmade":
            return {"statusCode": 200, "body": {"no": "text"}}
        return event
    """
)
CORS = {
    "AllowOrigins": ["https://site.test"],
    "AllowMethods": ["GET"],
    "AllowHeaders": ["authorization"],
    "MaxAge": 300,
}


@dataclass(frozen=True)
class Answer:
    """What a client got: header values by name in lower case, in order."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Api:
    """An API whose routes all lead to one function."""

    aws: Endpoint
    id: str
    integration: str

    def route(self, key: str, **options: Any) -> None:
        self.gateway.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{self.integration}", **options)

    @property
    def gateway(self) -> Any:
        return self.aws.http_apis

    def ask(
        self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.aws.url).netloc, timeout=300)
        try:
            connection.request(method, f"/_aws/execute-api/{self.id}{target}", body, dict(headers or {}))
            response = connection.getresponse()
            found: dict[str, list[str]] = {}
            for name, value in response.getheaders():
                found.setdefault(name.lower(), []).append(value)
            return Answer(response.status, found, response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, REGION)


@pytest.fixture(scope="module")
def function(aws: Endpoint) -> str:
    """The ARN of the function that all APIs of this module share."""
    name = f"echo-{token_hex(4)}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    allowed = json.dumps({"Version": "2012-10-17", "Statement": [logs]})
    aws.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=allowed)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("echo.py", ECHO)
    return aws.functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="echo.handle",
        Code={"ZipFile": package.getvalue()},
        Timeout=30,
    )["FunctionArn"]


def make_api(  # noqa: PLR0913 - one for each thing that an API may have
    aws: Endpoint,
    function: str,
    *,
    permitted: str = "*/*",
    stage: str = "$default",
    milliseconds: int | None = None,
    cors: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    log: dict[str, str] | None = None,
) -> Api:
    gateway = aws.http_apis
    options: dict[str, Any] = {"CorsConfiguration": cors} if cors else {}
    api = gateway.create_api(Name=f"api-{token_hex(4)}", ProtocolType="HTTP", **options)["ApiId"]
    integration: dict[str, Any] = {"TimeoutInMillis": milliseconds} if milliseconds else {}
    made = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations",
        PayloadFormatVersion="2.0",
        **integration,
    )
    staged: dict[str, Any] = {"DefaultRouteSettings": settings} if settings else {}
    if log:
        staged["AccessLogSettings"] = log
    gateway.create_stage(ApiId=api, StageName=stage, AutoDeploy=True, **staged)
    aws.functions.add_permission(
        FunctionName=function,
        StatementId=api,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{permitted}",
    )
    return Api(aws, api, made["IntegrationId"])


@pytest.fixture(scope="module")
def api(aws: Endpoint, function: str) -> Api:
    """An API that waits for its function as long as a busy machine takes to start it."""
    made = make_api(aws, function)
    for key in ("GET /records", "GET /records/{id}", "ANY /files/{proxy+}", "$default"):
        made.route(key)
    return made


def test_the_function_gets_the_documented_event(api: Api) -> None:
    headers = {"X-Twice": "1", "User-Agent": "test/1", "Cookie": "a=1; b=2", "Content-Type": "application/json"}

    event = api.ask("/records/a-1?x=1&x=2&y=&z=a%20b", "GET", headers, b'{"n": 1}').json

    context = event["requestContext"]
    assert event["version"] == "2.0"
    assert event["routeKey"] == context["routeKey"] == "GET /records/{id}"
    assert event["rawPath"] == context["http"]["path"] == "/records/a-1"
    assert event["rawQueryString"] == "x=1&x=2&y=&z=a%20b"
    assert event["queryStringParameters"] == {"x": "1,2", "y": "", "z": "a b"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["pathParameters"] == {"id": "a-1"}
    assert event["body"] == '{"n": 1}'
    assert event["isBase64Encoded"] is False
    assert event["headers"].items() >= {"x-twice": "1", "user-agent": "test/1", "x-forwarded-proto": "https"}.items()
    assert "cookie" not in event["headers"]
    assert (context["accountId"], context["apiId"], context["stage"]) == (ACCOUNT, api.id, "$default")
    assert context["domainName"] == f"{api.id}.execute-api.{REGION}.amazonaws.com"
    assert context["http"]["method"] == "GET"
    assert context["http"]["userAgent"] == "test/1"
    assert context["timeEpoch"] <= time.time() * 1000


def test_bytes_that_are_no_text_come_in_base64(api: Api) -> None:
    event = api.ask("/files/a/b", "POST", {"Content-Type": "application/octet-stream"}, b"\xff\x00").json

    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, b"\xff\x00")
    assert event["pathParameters"] == {"proxy": "a/b"}


@pytest.mark.parametrize(
    ("method", "target", "key"),
    [
        ("GET", "/records", "GET /records"),
        ("GET", "/records/1", "GET /records/{id}"),
        ("GET", "/records/1/more", "$default"),
        ("GET", "/records/", "$default"),
        ("POST", "/records", "$default"),
        ("DELETE", "/files/x//y", "ANY /files/{proxy+}"),
        ("GET", "", "$default"),
        ("GET", "/", "$default"),
    ],
)
def test_a_request_takes_the_most_specific_route(api: Api, method: str, target: str, key: str) -> None:
    assert api.ask(target, method).json["routeKey"] == key


def test_a_path_comes_decoded(api: Api) -> None:
    event = api.ask("/records/a%20b%3A1").json

    assert (event["rawPath"], event["pathParameters"]) == ("/records/a b:1", {"id": "a b:1"})


def test_a_function_says_status_headers_cookies_and_bytes(api: Api) -> None:
    answer = api.ask("/made")

    assert (answer.status, answer.body) == (201, b"hello")
    assert answer.headers["location"] == ["/there"]
    assert answer.headers["set-cookie"] == ["a=1", "b=2"]
    assert answer.headers["content-type"] == ["text/plain;charset=UTF-8"]
    assert len(answer.headers["apigw-requestid"]) == 1


@pytest.mark.parametrize("path", ["/raises", "/unmade", "/huge"])
def test_a_function_that_fails_is_an_internal_server_error_without_its_words(api: Api, path: str) -> None:
    answer = api.ask(path)

    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})


def test_requests_are_counted_with_the_errors_among_them(aws: Endpoint, function: str) -> None:
    made = make_api(aws, function)
    made.route("$default")

    for path in ("/records", "/raises", "/raises"):
        made.ask(path)

    found = {name: measured(aws, "AWS/ApiGateway", name, ApiId=made.id) for name in ("Count", "4xx", "5xx")}
    assert found == {"Count": 3, "4xx": 0, "5xx": 2}


def test_a_function_that_takes_too_long_is_not_waited_for(aws: Endpoint, function: str) -> None:
    made = make_api(aws, function, milliseconds=1_500)
    made.route("$default")

    answer = made.ask("/slow")

    assert (answer.status, answer.json) == (503, {"message": "Service Unavailable"})


def test_an_api_that_is_not_there_is_not_found(api: Api) -> None:
    answer = Api(api.aws, "nosuchapi", "").ask("/records")

    assert (answer.status, answer.json) == (404, {"message": "Not Found"})


def test_a_request_without_a_route_is_not_found(aws: Endpoint, function: str) -> None:
    made = make_api(aws, function)
    made.route("GET /records")

    answer = made.ask("/record")

    assert (answer.status, answer.json) == (404, {"message": "Not Found"})


def test_a_request_of_more_than_ten_megabytes_is_refused(api: Api) -> None:
    assert api.ask("/records", "POST", body=bytes(10 * 1024 * 1024 + 1)).status == 413


def test_a_named_stage_is_part_of_the_path(aws: Endpoint, function: str) -> None:
    made = make_api(aws, function, stage="prod")
    made.route("GET /records")

    event = made.ask("/prod/records").json

    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/prod/records", "prod")
    assert made.ask("/records").status == 404


def test_a_function_answers_only_routes_that_it_permits(aws: Endpoint, function: str, refusals: Refusals) -> None:
    made = make_api(aws, function, permitted="*/GET/records")
    made.route("GET /records")
    made.route("GET /other")

    assert made.ask("/records").status == 200
    assert not refusals()
    answer = made.ask("/other")

    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})
    assert [refused.action for refused in refusals()] == ["lambda:InvokeFunction"]


def test_the_gateway_answers_a_preflight_and_its_configuration_wins(aws: Endpoint, function: str) -> None:
    made = make_api(aws, function, cors=CORS)
    made.route("$default")
    asked = {"Origin": "https://site.test", "Access-Control-Request-Method": "GET"}

    preflight = made.ask("/records", "OPTIONS", asked)
    foreign = made.ask("/records", "OPTIONS", {**asked, "Origin": "https://other.test"})
    answer = made.ask("/made", headers={"Origin": "https://site.test"})
    unasked = made.ask("/made")

    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == ["https://site.test"]
    assert preflight.headers["access-control-allow-methods"] == ["GET"]
    assert preflight.headers["access-control-allow-headers"] == ["authorization"]
    assert preflight.headers["access-control-max-age"] == ["300"]
    assert not [name for name in foreign.headers if name.startswith("access-control-")]
    assert answer.headers["access-control-allow-origin"] == ["https://site.test"]
    assert not [name for name in unasked.headers if name.startswith("access-control-")]


def test_an_api_without_cross_origin_settings_leaves_them_to_the_function(api: Api) -> None:
    answer = api.ask("/made", headers={"Origin": "https://site.test"})

    assert answer.headers["access-control-allow-origin"] == ["https://function.test"]


def test_a_burst_beyond_the_limit_is_throttled(aws: Endpoint, function: str) -> None:
    made = make_api(aws, function, settings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.01})
    made.route("$default")

    answers = [made.ask("/records") for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].json == {"message": "Too Many Requests"}


def test_each_request_is_a_line_of_the_access_log(aws: Endpoint, function: str) -> None:
    group = f"/access/{token_hex(4)}"
    aws.logs.create_log_group(logGroupName=group)
    names = ("requestId", "httpMethod", "path", "routeKey", "status", "integrationErrorMessage", "responseLength")
    template = json.dumps({name: f"$context.{name}" for name in names})
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
    made = make_api(aws, function, log={"DestinationArn": arn, "Format": template})
    made.route("GET /records")
    made.route("GET /raises")

    asked = [made.ask(target) for target in ("/records", "/raises", "/nowhere")]

    def written() -> list[Any]:
        events = aws.logs.filter_log_events(logGroupName=group)["events"]
        return [json.loads(event.get("message", "")) for event in events]

    lines = wait_until("a line for each request", written, lambda found: len(found) == len(asked))

    assert [line["requestId"] for line in lines] == [answer.headers["apigw-requestid"][0] for answer in asked]
    assert [(line["routeKey"], line["status"]) for line in lines] == [
        ("GET /records", "200"),
        ("GET /raises", "500"),
        ("-", "404"),
    ]
    assert "ValueError" in lines[1]["integrationErrorMessage"]
    assert "secret" not in json.dumps(lines)


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Issuer:
    """Who signs tokens, and publishes the key on this machine."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._key = generate_private_key(65537, 2048)

    def document(self, path: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        numbers = self._key.public_key().public_numbers()
        n, e = (base64url(number.to_bytes((number.bit_length() + 7) // 8)) for number in (numbers.n, numbers.e))
        return {"keys": [{"kty": "RSA", "kid": "k1", "n": n, "e": e}]}

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(time.time())
        body = {"iss": self.url, "aud": "lake", "exp": now + 600, "iat": now - 10, "scope": "read", **claims}
        parts = [{"alg": "RS256", "kid": "k1", **(header or {})}, body]
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{base64url(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


@contextmanager
def issuing() -> Generator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps(issuer.document(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()


def test_a_route_with_a_token_authorizer_takes_good_tokens_alone(aws: Endpoint, function: str) -> None:
    with issuing() as issuer, issuing() as stranger:
        made = make_api(aws, function, cors=CORS)
        authorizer = made.gateway.create_authorizer(
            ApiId=made.id,
            Name="tokens",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": issuer.url, "Audience": ["lake"]},
        )["AuthorizerId"]
        made.route("GET /records", AuthorizationType="JWT", AuthorizerId=authorizer)
        made.route("GET /scoped", AuthorizationType="JWT", AuthorizerId=authorizer, AuthorizationScopes=["write"])

        def asked(token: str | None, target: str = "/records") -> Answer:
            return made.ask(target, headers={"Authorization": token} if token is not None else {})

        good = asked(f"Bearer {issuer.token()}")
        bad = [
            asked(None),
            asked(""),
            asked("Bearer x"),
            asked("Bearer a.b.c"),
            asked(f"Bearer {issuer.token(exp=1)}"),
            asked(f"Bearer {issuer.token(aud='other')}"),
            asked(f"Bearer {issuer.token(header={'alg': 'none'})}"),
            asked(f"Bearer {issuer.token(header={'kid': 'k2'})}"),
            asked(f"Bearer {issuer.token()[:-4]}AAAA"),
            asked(f"Bearer {stranger.token()}"),
            asked(f"Bearer {stranger.token(iss=issuer.url)}"),
        ]
        preflight = {"Origin": "https://site.test", "Access-Control-Request-Method": "GET"}
        made.route("$default", AuthorizationType="JWT", AuthorizerId=authorizer)
        unasked = made.ask("/records", "OPTIONS", preflight)
        made.route("OPTIONS /{proxy+}")
        asked_first = made.ask("/records", "OPTIONS", preflight)
        unscoped = asked(f"Bearer {issuer.token()}", "/scoped")
        scoped = asked(issuer.token(scope="read write"), "/scoped")

    assert good.json["requestContext"]["authorizer"]["jwt"]["claims"]["aud"] == "lake"
    assert {(answer.status, answer.body) for answer in bad} == {(401, b'{"message":"Unauthorized"}')}
    # An authorizer of `$default` keeps preflights out, until a route without one takes them.
    assert (unasked.status, asked_first.status) == (401, 204)
    assert (unscoped.status, unscoped.json) == (403, {"message": "Forbidden"})
    assert scoped.json["requestContext"]["authorizer"]["jwt"]["scopes"] == ["write"]
