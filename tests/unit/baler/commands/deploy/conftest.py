from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.main import app
from baler.cli.shutdown import Shutdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

FUNCTION = "baler-prod-files-aggregator"
ALARM = "baler-prod-files-function-errors"


def code(text: str) -> bytes:
    """A function's zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", text)
    return packed.getvalue()


@dataclass
class Site:
    """A function with an alias on its first version, a deployment group and an alarm, on moto.

    moto starts deployments and leaves them as they are: the `steps` of a test are what CodeDeploy does between looks.
    """

    steps: list[Callable[[], object]] = field(default_factory=list["Callable[[], object]"])
    told: defaultdict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict[str, Any]))
    failing: dict[str, Exception] = field(default_factory=dict[str, Exception])
    calls: list[str] = field(default_factory=list[str])
    attempts: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        client = cast("Any", boto3).client
        self.functions, self.codedeploy, self.cloudwatch = (
            client(name) for name in ("lambda", "codedeploy", "cloudwatch")
        )
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.functions.create_function(
            FunctionName=FUNCTION,
            Runtime="python3.13",
            Role=role,
            Handler="handler.handle",
            Code={"ZipFile": code("1")},
            Publish=True,
        )
        self.functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="1")
        self.cloudwatch.put_metric_alarm(
            AlarmName=ALARM,
            MetricName="any",
            Namespace="any",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.codedeploy.create_application(applicationName=FUNCTION, computePlatform="Lambda")
        self.codedeploy.create_deployment_group(
            applicationName=FUNCTION,
            deploymentGroupName="live",
            serviceRoleArn=role,
            alarmConfiguration={"enabled": True, "alarms": [{"name": ALARM}]},
        )
        self.calls.clear()

    def publish(self, count: int = 1) -> None:
        """Publish versions, as `pulumi up` does."""
        for _ in range(count):
            text = str(len(self.functions.list_versions_by_function(FunctionName=FUNCTION)["Versions"]))
            self.functions.update_function_code(FunctionName=FUNCTION, ZipFile=code(text), Publish=True)

    def share(self, version: str, **others: float) -> None:
        """Point the alias at a version, and let others (v2, say) have a share."""
        weights = {name.removeprefix("v"): share for name, share in others.items()}
        self.functions.update_alias(
            FunctionName=FUNCTION,
            Name="live",
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": weights},
        )

    def start(self, **told: Any) -> str:
        """Start a deployment as somebody else does."""
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}"}}
        where = {"applicationName": FUNCTION, "deploymentGroupName": "live"}
        deployment_id = self.codedeploy.create_deployment(**where, revision=revision)["deploymentId"]
        self.told[deployment_id] |= told
        return deployment_id

    def end(self, status: str, **told: Any) -> None:
        """Let all deployments end that have not been told of otherwise."""
        for deployment_id in self.deployments():
            self.told[deployment_id] = {"status": status, **told, **self.told[deployment_id]}

    def deployments(self) -> list[str]:
        where = {"applicationName": FUNCTION, "deploymentGroupName": "live"}
        return self.codedeploy.list_deployments(**where)["deployments"]

    def started(self) -> dict[str, Any]:
        """The one deployment, as it was asked for."""
        (deployment_id,) = self.deployments()
        return self.codedeploy.get_deployment(deploymentId=deployment_id)["deploymentInfo"]

    def run(self, *arguments: str) -> Result:
        self.calls.clear()
        return CliRunner().invoke(app, ["deploy", *arguments], env={"BALER_AGGREGATOR_FUNCTION": FUNCTION})

    def events(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        result = self.run("--json", *arguments)
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    def call(self, client: BaseClient, name: str, parameters: dict[str, Any], make: Callable[..., Any]) -> Any:
        """Call AWS; a failure that was asked for comes once, after the call took effect."""
        self.calls.append(name)
        self.attempts[name] = (cast("Any", client.meta.config).retries or {}).get("total_max_attempts", 0)
        answer = make(client, name, parameters)
        if name in self.failing:
            raise self.failing.pop(name)
        if name == "GetDeployment":
            answer["deploymentInfo"] |= self.told[parameters["deploymentId"]]
        return answer


@pytest.fixture
def site(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:  # noqa: ARG001 - where boto3 finds moto
    with mock_aws():
        make = cast("Any", BaseClient)._make_api_call
        made = Site()

        def call(client: BaseClient, name: str, parameters: dict[str, Any]) -> Any:
            return made.call(client, name, parameters, make)

        def wait(_shutdown: Shutdown, _seconds: float) -> None:
            assert made.steps, "watched on after the last step"
            made.steps.pop(0)()

        monkeypatch.setattr(BaseClient, "_make_api_call", call)
        monkeypatch.setattr(Shutdown, "wait", wait)
        yield made
