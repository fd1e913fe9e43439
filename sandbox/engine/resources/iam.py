"""Roles and their inline policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def role(name: str, inputs: Inputs) -> Creation:
    """Create a role with its trust policy."""
    role_name = physical_name(name, inputs, longest=64)
    definition = inputs.renamed(
        assumeRolePolicy="AssumeRolePolicyDocument",
        description="Description",
        maxSessionDuration="MaxSessionDuration",
        path="Path",
        permissionsBoundary="PermissionsBoundary",
    )
    tags = inputs.take("tags", {})
    # Only how the role is deleted.
    inputs.ignore("forceDetachPolicies")

    def create(aws: Endpoint) -> Created:
        created = aws.iam.create_role(RoleName=role_name, Tags=tag_list(tags), **definition)["Role"]
        return Created(
            role_name,
            {"name": role_name, "arn": created["Arn"], "uniqueId": created["RoleId"], "tagsAll": tags},
        )

    return create


def role_policy(name: str, inputs: Inputs) -> Creation:
    """Put an inline policy into a role."""
    policy_name = physical_name(name, inputs, longest=128)
    role_name = inputs.take("role")
    document = inputs.take("policy")

    def create(aws: Endpoint) -> Created:
        aws.iam.put_role_policy(RoleName=role_name, PolicyName=policy_name, PolicyDocument=document)
        return Created(f"{role_name}:{policy_name}", {"name": policy_name})

    return create
