"""Credentials of functions' roles, for what plays a function outside Lambda."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import assumed_role

if TYPE_CHECKING:
    from harness.pipeline import Pipeline
    from sandbox.engine.endpoint import Credentials


def environment_of_function(pipeline: Pipeline) -> dict[str, str]:
    """Return the environment by which AWS's tools sign as the aggregator's function."""
    return {
        "AWS_ENDPOINT_URL": pipeline.deployed.endpoint,
        "AWS_DEFAULT_REGION": pipeline.deployed.region,
        **credentials_of_function(pipeline).environment(),
    }


def credentials_of_function(pipeline: Pipeline) -> Credentials:
    """Return a session of the role of the aggregator's function."""
    deployed = pipeline.deployed
    return session_of(Endpoint(deployed.endpoint, deployed.region), deployed.aggregator_function)


def session_of(root: Endpoint, function: str) -> Credentials:
    """Return a session of a function's role.

    It trusts Lambda alone: somebody who administers the account lets the account assume it for a moment.

    Args:
        root: who administers the account.
        function: its name.
    """
    role_arn = root.functions.get_function_configuration(FunctionName=function)["Role"]
    name = role_arn.rpartition("/")[2]
    trust: Any = root.iam.get_role(RoleName=name)["Role"].get("AssumeRolePolicyDocument")
    opened = copy.deepcopy(trust)
    account = role_arn.split(":")[4]
    opened["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    )
    root.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(opened))
    try:
        return assumed_role(root, role_arn, session="worker")
    finally:
        root.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
