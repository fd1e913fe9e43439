"""The rule about tags: who asks what a resource is for and who manages it finds the answer on the resource."""

from collections.abc import Iterator
from typing import Final

from policy.rule import Declared, ResourceRule

REQUIRED: Final = ("project", "stack", "managed-by")

TAGGED: Final = {
    "aws:apigatewayv2/api:Api",
    "aws:apigatewayv2/stage:Stage",
    "aws:athena/workgroup:Workgroup",
    "aws:budgets/budget:Budget",
    "aws:cloudfront/distribution:Distribution",
    "aws:cloudfront/function:Function",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:codedeploy/application:Application",
    "aws:codedeploy/deploymentGroup:DeploymentGroup",
    "aws:dynamodb/table:Table",
    "aws:ec2/customerGateway:CustomerGateway",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/vpnConnection:VpnConnection",
    "aws:ec2/vpnGateway:VpnGateway",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:iam/role:Role",
    "aws:kinesis/stream:Stream",
    "aws:kms/key:Key",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/function:Function",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:secretsmanager/secret:Secret",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
    "aws:ssm/parameter:Parameter",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}
"""The types of the program that take tags."""

_SANDBOX: Final = "local"


def _untagged(declared: Declared, stack: str) -> Iterator[str]:
    # Nobody is billed for the sandbox, and it lives as long as a terminal.
    if declared.type not in TAGGED or stack == _SANDBOX:
        return
    # The provider puts the stack's aws:defaultTags among a resource's own before the rules see it.
    missing = [key for key in REQUIRED if not declared.nested("tags").get(key)]
    if missing:
        yield f"It has no tag {', '.join(missing)}: set aws:defaultTags in the stack's file."


RULES: Final = (ResourceRule("tagged", "A resource says what it is part of and who manages it.", _untagged),)
