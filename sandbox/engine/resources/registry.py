"""Every resource type that the engine knows, by its Pulumi token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.inputs import Inputs
from sandbox.engine.resources import (
    athena,
    cloudwatch,
    dynamodb,
    events,
    glue,
    http_api,
    iam,
    kinesis,
    kms,
    lambda_,
    logs,
    s3,
    s3_lifecycle,
    s3_notification,
    s3_object,
    secrets_manager,
    security_group,
    sns,
    sqs,
    ssm,
    vpc,
    vpc_endpoint,
    vpn,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.resources.creation import Creation, Creator

CREATORS: Final[dict[str, Creator]] = {
    "aws:apigatewayv2/api:Api": http_api.api,
    "aws:apigatewayv2/authorizer:Authorizer": http_api.authorizer,
    "aws:apigatewayv2/integration:Integration": http_api.integration,
    "aws:apigatewayv2/route:Route": http_api.route,
    "aws:apigatewayv2/stage:Stage": http_api.stage,
    "aws:athena/workgroup:Workgroup": athena.workgroup,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": cloudwatch.composite_alarm,
    "aws:cloudwatch/dashboard:Dashboard": cloudwatch.dashboard,
    "aws:cloudwatch/eventRule:EventRule": events.rule,
    "aws:cloudwatch/eventTarget:EventTarget": events.target,
    "aws:cloudwatch/logGroup:LogGroup": logs.log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": cloudwatch.metric_alarm,
    "aws:dynamodb/table:Table": dynamodb.table,
    "aws:ec2/customerGateway:CustomerGateway": vpn.customer_gateway,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": security_group.default_security_group,
    "aws:ec2/flowLog:FlowLog": vpc.flow_log,
    "aws:ec2/route:Route": vpc.route,
    "aws:ec2/routeTable:RouteTable": vpc.route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": vpc.route_table_association,
    "aws:ec2/securityGroup:SecurityGroup": security_group.security_group,
    "aws:ec2/subnet:Subnet": vpc.subnet,
    "aws:ec2/vpc:Vpc": vpc.vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpc_endpoint.vpc_endpoint,
    "aws:ec2/vpnConnection:VpnConnection": vpn.vpn_connection,
    "aws:ec2/vpnGateway:VpnGateway": vpn.vpn_gateway,
    "aws:glue/catalogDatabase:CatalogDatabase": glue.database,
    "aws:glue/catalogTable:CatalogTable": glue.table,
    "aws:iam/role:Role": iam.role,
    "aws:iam/rolePolicy:RolePolicy": iam.role_policy,
    "aws:kinesis/stream:Stream": kinesis.stream,
    "aws:kms/key:Key": kms.key,
    "aws:kms/keyPolicy:KeyPolicy": kms.key_policy,
    "aws:lambda/alias:Alias": lambda_.alias,
    "aws:lambda/eventSourceMapping:EventSourceMapping": lambda_.event_source_mapping,
    "aws:lambda/function:Function": lambda_.function,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": lambda_.event_invoke_config,
    "aws:lambda/permission:Permission": lambda_.permission,
    "aws:s3/bucket:Bucket": s3.bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3_lifecycle.lifecycle_configuration,
    "aws:s3/bucketNotification:BucketNotification": s3_notification.notification,
    "aws:s3/bucketObjectv2:BucketObjectv2": s3_object.bucket_object,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": s3.object_lock,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.ownership_controls,
    "aws:s3/bucketPolicy:BucketPolicy": s3.policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.public_access_block,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3.encryption,
    "aws:s3/bucketVersioning:BucketVersioning": s3.versioning,
    "aws:secretsmanager/secret:Secret": secrets_manager.secret,
    "aws:secretsmanager/secretPolicy:SecretPolicy": secrets_manager.secret_policy,
    "aws:sns/topic:Topic": sns.topic,
    "aws:sns/topicPolicy:TopicPolicy": sns.topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": sns.subscription,
    "aws:sqs/queue:Queue": sqs.queue,
    "aws:sqs/queuePolicy:QueuePolicy": sqs.queue_policy,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": sqs.redrive_allow_policy,
    "aws:sqs/redrivePolicy:RedrivePolicy": sqs.redrive_policy,
    "aws:ssm/parameter:Parameter": ssm.parameter,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": security_group.egress_rule,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": security_group.ingress_rule,
}

_NO_CLOUDFRONT: Final = "LocalStack has no CloudFront: the sandbox's own server shows the site"

ABSENT: Final[dict[str, str]] = {
    "aws:acm/certificate:Certificate": "LocalStack has no TLS of its own",
    "aws:acm/certificateValidation:CertificateValidation": "LocalStack has no TLS of its own",
    "aws:cloudfront/cachePolicy:CachePolicy": _NO_CLOUDFRONT,
    "aws:cloudfront/distribution:Distribution": _NO_CLOUDFRONT,
    "aws:cloudfront/function:Function": _NO_CLOUDFRONT,
    "aws:cloudfront/originAccessControl:OriginAccessControl": _NO_CLOUDFRONT,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _NO_CLOUDFRONT,
    "aws:cloudtrail/trail:Trail": "LocalStack has no CloudTrail",
    "aws:cloudwatch/queryDefinition:QueryDefinition": "LocalStack saves no queries",
    "aws:codedeploy/application:Application": "LocalStack has no CodeDeploy",
    "aws:codedeploy/deploymentGroup:DeploymentGroup": "LocalStack has no CodeDeploy",
    "aws:directconnect/gatewayAssociation:GatewayAssociation": "LocalStack has no Direct Connect",
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation": "LocalStack has no propagation of routes",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "LocalStack copies nothing to other regions",
}
"""Types that the emulator cannot have, with the reason: the deployment leaves them out and reports each."""


def creation_of(token: str, name: str, values: Mapping[str, Any]) -> Creation:
    """Return what creates the resource, having made sure that every input is known.

    Raises:
        UnsupportedResourceError: The type is not known, or one of the inputs is not.
    """
    creator = CREATORS.get(token)
    if creator is None:
        raise UnsupportedResourceError(
            f"The sandbox cannot create {token} ({name!r}): give it a creator in sandbox/engine/resources, "
            "or a reason in ABSENT of its registry.py."
        )
    inputs = Inputs(values)
    try:
        creation = creator(name, inputs)
    except UnsupportedResourceError as error:
        raise UnsupportedResourceError(f"{token} ({name!r}): {error}") from error
    left_over = inputs.left_over()
    if left_over:
        raise UnsupportedResourceError(
            f"The sandbox does not know {', '.join(left_over)} of {token} ({name!r}): "
            "teach its creator in sandbox/engine/resources to apply it."
        )
    return creation
