"""CodeDeploy's deployments of a function: it shifts the alias, and back when an alarm fires."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from baler.aws.faults import code_of
from baler.commands.deploy.versions import ALIAS

_RUNNING: Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
_SUCCEEDED: Final = "Succeeded"
_ROLLBACK: Final = "codeDeployRollback"
_NO_GROUP: Final = ("ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException")
_ALREADY_RUNNING: Final = "DeploymentLimitExceededException"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as CodeDeploy describes it.

    Attributes:
        deployment_id: `d-` and nine characters.
        running: whether it has not ended.
        succeeded: whether it has ended well.
        is_rollback: whether it rolls another one back.
        rollback_id: the deployment that rolls this one back.
        reason: why it has not ended well, in CodeDeploy's words.
    """

    deployment_id: str
    running: bool
    succeeded: bool
    is_rollback: bool
    rollback_id: str | None
    reason: str


class Deployments:
    """The deployments of a function. Its methods raise boto3's errors.

    Args:
        client: boto3's CodeDeploy client. Untyped: a few calls do not earn a package of stubs.
        starter: another that makes every call once: a start that is repeated would start twice.
        cloudwatch: boto3's client.
        function: the function's name, which is also that of the application (components/watch/rollout.py).
    """

    def __init__(self, client: Any, starter: Any, cloudwatch: Any, function: str) -> None:
        self._client = client
        self._starter = starter
        self._cloudwatch = cloudwatch
        self._function = function
        self._group = {"applicationName": function, "deploymentGroupName": ALIAS}

    def alarms(self) -> list[str] | None:
        """Return the alarms that roll a version back, or None where nothing of this stack is deployed this way."""
        try:
            group = self._client.get_deployment_group(**self._group)["deploymentGroupInfo"]
        except ClientError as error:
            if code_of(error) in _NO_GROUP:
                return None
            raise
        return [alarm["name"] for alarm in group.get("alarmConfiguration", {}).get("alarms", ())]

    def on(self, alarms: list[str]) -> list[str]:
        """Return which of these alarms are on."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(AlarmNames=alarms, StateValue="ALARM")
        return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]

    def running(self) -> str | None:
        """Return the id of the deployment that is under way."""
        pages = self._client.get_paginator("list_deployments").paginate(
            **self._group, includeOnlyStatuses=list(_RUNNING)
        )
        return next((found for page in pages for found in page["deployments"]), None)

    def start(self, version: str, target: str, *, heed_alarms: bool) -> str:
        """Start to shift from a version to another, and return the deployment's id: of one that runs, if there is one.

        A call that got no answer may have taken effect, and somebody else may have been faster: both leave a
        deployment that runs.
        """
        content = appspec(self._function, version, target)
        override = {} if heed_alarms else {"overrideAlarmConfiguration": {"enabled": False}}
        try:
            started = self._starter.create_deployment(
                **self._group,
                revision={
                    "revisionType": "AppSpecContent",
                    "appSpecContent": {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()},
                },
                description=f"baler deploy: version {version} to {target}",
                **override,
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and code_of(error) != _ALREADY_RUNNING:
                raise
            if (running := self.running()) is None:
                raise
            return running
        return str(started["deploymentId"])

    def describe(self, deployment_id: str) -> Deployment:
        """Return how a deployment is going."""
        found = self._client.get_deployment(deploymentId=deployment_id)["deploymentInfo"]
        error = found.get("errorInformation", {})
        return Deployment(
            deployment_id=deployment_id,
            running=found["status"] in _RUNNING,
            succeeded=found["status"] == _SUCCEEDED,
            is_rollback=found.get("creator") == _ROLLBACK,
            rollback_id=found.get("rollbackInfo", {}).get("rollbackDeploymentId"),
            reason=f"{error.get('message', 'no reason given')} ({error.get('code', found['status'])})",
        )


def appspec(function: str, version: str, target: str) -> str:
    """Return what CodeDeploy is asked to do (CodeDeploy user guide, "AppSpec 'resources' section")."""
    properties = {"Name": function, "Alias": ALIAS, "CurrentVersion": version, "TargetVersion": target}
    resource = {function: {"Type": "AWS::Lambda::Function", "Properties": properties}}
    return json.dumps({"version": 0.0, "Resources": [resource]})
