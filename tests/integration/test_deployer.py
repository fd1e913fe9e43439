"""A role with the policies of docs/deployer, and nothing else, deploys every pipeline: nothing is refused.

What Pulumi's provider reads beside what is put, the sandbox does not ask: those rights are from the table alone.
"""

from __future__ import annotations

import json
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING

from deployer_policy.documents import FOLDER

from sandbox.engine import deployment
from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import assumed_role
from sandbox.sources.running import running_sources
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from sandbox.engine.endpoint import Credentials
    from sandbox.localstack.server import LocalStack

_REGION = "eu-west-2"
# What the sandbox cannot judge as AWS does: its stack is the one whose resources have no tags, by which keys are told
# apart, and its simulator knows no paths of HTTP APIs.
_NOT_JUDGED = {"Effect": "Allow", "Action": ["kms:*", "apigateway:*"], "Resource": "*"}


def _deployer(root: Endpoint) -> Credentials:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}}
    name = f"deployer-{token_hex(3)}"
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    for path in FOLDER.glob("*.json"):
        root.iam.put_role_policy(RoleName=name, PolicyName=path.stem, PolicyDocument=path.read_text(encoding="utf-8"))
    root.iam.put_role_policy(RoleName=name, PolicyName="not-judged", PolicyDocument=_document(_NOT_JUDGED))
    return assumed_role(root, role, session="deployer")


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_the_deployers_policies_are_enough_to_deploy_every_pipeline(
    localstack: LocalStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    credentials = _deployer(Endpoint(localstack.endpoint, _REGION))
    monkeypatch.setattr(deployment, "Endpoint", partial(Endpoint, credentials=credentials))
    with running_sources(tmp_path) as sources:
        stack = deploy_local_stack(
            localstack.endpoint,
            pipelines=("files", "events", "lake"),
            name=f"test-{token_hex(3)}",
            overrides={**sources.settings, "baler:lakeDashboard": False},
        )
    assert {"filesLandingBucket", "eventsStream", "lakeApiUrl"} <= set(stack.outputs)
