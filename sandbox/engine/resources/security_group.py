"""Security groups and their rules. The emulator stores them; nothing passes through its networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list, tag_specifications

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def security_group(name: str, inputs: Inputs) -> Creation:
    """Create a group without rules, those that AWS gives a new one included, as the provider does."""
    group_name = physical_name(name, inputs, longest=255)
    description = inputs.take("description", "Managed by Pulumi")
    vpc_id = inputs.take("vpcId")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        group_id = aws.ec2.create_security_group(
            GroupName=group_name,
            Description=description,
            VpcId=vpc_id,
            TagSpecifications=tag_specifications("security-group", tags),
        )["GroupId"]
        _empty(aws, group_id)
        account = aws.sts.get_caller_identity()["Account"]
        arn = f"arn:aws:ec2:{aws.region}:{account}:security-group/{group_id}"
        return Created(group_id, {"arn": arn, "name": group_name, "tagsAll": tags})

    return create


def default_security_group(_name: str, inputs: Inputs) -> Creation:
    """Take the rules from the group that a network was made with; a program that gives it rules is not known."""
    vpc_id = inputs.take("vpcId")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
        (group,) = aws.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        _empty(aws, group["GroupId"])
        if tags:
            aws.ec2.create_tags(Resources=[group["GroupId"]], Tags=tag_list(tags))
        return Created(group["GroupId"], {"tagsAll": tags})

    return create


def egress_rule(_name: str, inputs: Inputs) -> Creation:
    """Let something out."""
    group_id = inputs.take("securityGroupId")
    permission = _permission(inputs)

    def create(aws: Endpoint) -> Created:
        made = aws.ec2.authorize_security_group_egress(GroupId=group_id, IpPermissions=[permission])
        return _created(made)

    return create


def ingress_rule(_name: str, inputs: Inputs) -> Creation:
    """Let something in."""
    group_id = inputs.take("securityGroupId")
    permission = _permission(inputs)

    def create(aws: Endpoint) -> Created:
        made = aws.ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[permission])
        return _created(made)

    return create


def _permission(inputs: Inputs) -> dict[str, Any]:
    permission = inputs.renamed(fromPort="FromPort", ipProtocol="IpProtocol", toPort="ToPort")
    others = {
        "IpRanges": inputs.renamed(cidrIpv4="CidrIp"),
        "PrefixListIds": inputs.renamed(prefixListId="PrefixListId"),
        "UserIdGroupPairs": inputs.renamed(referencedSecurityGroupId="GroupId"),
    }
    description = inputs.renamed(description="Description")
    return permission | {kind: [other | description] for kind, other in others.items() if other}


def _created(made: Any) -> Created:
    (rule,) = made["SecurityGroupRules"]
    identity = rule["SecurityGroupRuleId"]
    return Created(identity, {"securityGroupRuleId": identity})


def _empty(aws: Endpoint, group_id: str) -> None:
    (group,) = aws.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    if group["IpPermissions"]:
        aws.ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        aws.ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
