"""For each type of resource, what Pulumi's provider calls to create, read, change, tag and delete it.

AWS's service authorization reference has the actions and what each may be limited to. Names begin with "baler-", or
with what the service makes of it; where a service knows no names beforehand, a tag or nothing limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY_STACK: Final = "every-stack"
WATCH: Final = "watch"
NETWORK: Final = "network"
EVENTS: Final = "events"
LAKE: Final = "lake"
_ANY: Final = "*"


@dataclass(frozen=True)
class Rights:
    """Some actions on some resources.

    Attributes:
        document: the file that they stand in.
        service: the prefix of the actions.
        actions: without it, blanks between them.
        resources: ARNs; the region and the account may be any.
        condition: as IAM has it.
    """

    document: str
    service: str
    actions: str
    resources: tuple[str, ...] = (_ANY,)
    condition: Mapping[str, Any] | None = None


def _arn(service: str, name: str, *, regional: bool = True) -> str:
    return f"arn:aws:{service}:{'*' if regional else ''}:*:{name}"


_OURS: Final = {"StringEquals": {"aws:ResourceTag/project": "baler"}}
_MADE_OURS: Final = {"StringEquals": {"aws:RequestTag/project": "baler"}}
_PASSED_TO: Final = {
    "StringEquals": {
        "iam:PassedToService": [
            "codedeploy.amazonaws.com",
            "lambda.amazonaws.com",
            "s3.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
        ]
    }
}
_TAGS: Final = "TagResource UntagResource"
_BUCKET: Final = ("arn:aws:s3:::baler-*",)
_SITE: Final = ("arn:aws:s3:::baler-*-lake-site-*/*",)
_QUEUE: Final = (_arn("sqs", "baler-*"),)
_FUNCTION: Final = (_arn("lambda", "function:baler-*"),)
_MAPPING: Final = (_arn("lambda", "event-source-mapping:*"),)
_ROLE: Final = (_arn("iam", "role/baler-*", regional=False),)
_TABLE: Final = (_arn("dynamodb", "table/baler-*"),)
_TOPIC: Final = (_arn("sns", "baler-*"),)
_RULE: Final = (_arn("events", "rule/baler-*"),)
_LOGS: Final = tuple(
    _arn("logs", f"log-group:{name}*")
    for name in ("/aws/lambda/baler-", "/aws/apigateway/baler-", "/aws/vpc/baler-", "baler-")
)
_CATALOGUE: Final = tuple(_arn("glue", name) for name in ("catalog", "database/baler_*", "table/baler_*/*"))
_SECRET: Final = (_arn("secretsmanager", "secret:baler-*"),)
_PARAMETER: Final = (_arn("ssm", "parameter/baler/*"),)


def _bucket(actions: str) -> list[Rights]:
    return [Rights(EVERY_STACK, "s3", actions, _BUCKET)]


def _network(actions: str) -> list[Rights]:
    return [Rights(NETWORK, "ec2", f"Describe* {actions} CreateTags DeleteTags")]


def _api() -> list[Rights]:
    # API Gateway names nothing beforehand; an action is a method of HTTP.
    paths = ("arn:aws:apigateway:*::/apis", "arn:aws:apigateway:*::/apis/*", "arn:aws:apigateway:*::/tags/*")
    return [Rights(LAKE, "apigateway", "GET POST PUT PATCH DELETE", paths)]


def _site(name: str, *more: str) -> list[Rights]:
    verbs = " ".join(f"{verb}{name}" for verb in ("Create", "Get", "Update", "Delete"))
    return [Rights(LAKE, "cloudfront", " ".join((verbs, *more)))]


_ALARMS: Final = [
    Rights(
        WATCH,
        "cloudwatch",
        f"PutMetricAlarm PutCompositeAlarm DeleteAlarms DescribeAlarms ListTagsForResource {_TAGS}",
        (_arn("cloudwatch", "alarm:baler-*"),),
    ),
    Rights(WATCH, "cloudwatch", "DescribeAlarms"),
]
_KEYS: Final = [
    Rights(EVERY_STACK, "kms", "CreateKey"),
    Rights(EVERY_STACK, "kms", "TagResource", condition=_MADE_OURS),
    Rights(
        EVERY_STACK,
        "kms",
        "DescribeKey GetKeyPolicy PutKeyPolicy GetKeyRotationStatus EnableKeyRotation UpdateKeyDescription "
        "ListResourceTags UntagResource ScheduleKeyDeletion",
        condition=_OURS,
    ),
]

TABLE: Final[Mapping[str, list[Rights]]] = {
    "aws:acm/certificate:Certificate": [
        Rights(
            LAKE,
            "acm",
            "RequestCertificate DescribeCertificate DeleteCertificate AddTagsToCertificate "
            "RemoveTagsFromCertificate ListTagsForCertificate",
        ),
    ],
    "aws:acm/certificateValidation:CertificateValidation": [Rights(LAKE, "acm", "DescribeCertificate")],
    "aws:apigatewayv2/api:Api": _api(),
    "aws:apigatewayv2/authorizer:Authorizer": _api(),
    "aws:apigatewayv2/integration:Integration": _api(),
    "aws:apigatewayv2/route:Route": _api(),
    "aws:apigatewayv2/stage:Stage": [
        *_api(),
        # Access logs (API Gateway developer guide, "Configure logging for HTTP APIs").
        Rights(
            LAKE,
            "logs",
            "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy "
            "DescribeResourcePolicies DescribeLogGroups",
        ),
    ],
    "aws:athena/workgroup:Workgroup": [
        Rights(
            EVENTS,
            "athena",
            f"CreateWorkGroup GetWorkGroup UpdateWorkGroup DeleteWorkGroup ListTagsForResource {_TAGS}",
            (_arn("athena", "workgroup/baler-*"),),
        )
    ],
    "aws:budgets/budget:Budget": [
        Rights(
            WATCH,
            "budgets",
            f"ViewBudget ModifyBudget ListTagsForResource {_TAGS}",
            (_arn("budgets", "budget/baler-*", regional=False),),
        )
    ],
    "aws:cloudfront/cachePolicy:CachePolicy": _site("CachePolicy"),
    "aws:cloudfront/distribution:Distribution": _site("Distribution", "ListTagsForResource", _TAGS),
    "aws:cloudfront/function:Function": _site("Function", "DescribeFunction", "PublishFunction"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _site("OriginAccessControl"),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _site("ResponseHeadersPolicy"),
    "aws:cloudtrail/trail:Trail": [
        Rights(
            WATCH,
            "cloudtrail",
            "CreateTrail UpdateTrail DeleteTrail GetTrail GetTrailStatus StartLogging StopLogging PutEventSelectors "
            "GetEventSelectors GetInsightSelectors ListTags AddTags RemoveTags",
            (_arn("cloudtrail", "trail/baler-*"),),
        ),
        Rights(WATCH, "cloudtrail", "DescribeTrails"),
    ],
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _ALARMS,
    "aws:cloudwatch/dashboard:Dashboard": [
        Rights(
            WATCH,
            "cloudwatch",
            "PutDashboard GetDashboard DeleteDashboards",
            (_arn("cloudwatch", "dashboard/baler-*", regional=False),),
        )
    ],
    "aws:cloudwatch/eventRule:EventRule": [
        Rights(
            EVERY_STACK,
            "events",
            f"PutRule DescribeRule EnableRule DisableRule DeleteRule ListTagsForResource {_TAGS}",
            _RULE,
        )
    ],
    "aws:cloudwatch/eventTarget:EventTarget": [
        Rights(EVERY_STACK, "events", "PutTargets ListTargetsByRule RemoveTargets", _RULE)
    ],
    "aws:cloudwatch/logGroup:LogGroup": [
        Rights(
            EVERY_STACK,
            "logs",
            "CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource "
            f"ListTagsLogGroup {_TAGS}",
            _LOGS,
        ),
        Rights(EVERY_STACK, "logs", "DescribeLogGroups"),
    ],
    "aws:cloudwatch/metricAlarm:MetricAlarm": _ALARMS,
    "aws:cloudwatch/queryDefinition:QueryDefinition": [
        Rights(WATCH, "logs", "PutQueryDefinition DescribeQueryDefinitions DeleteQueryDefinition")
    ],
    "aws:codedeploy/application:Application": [
        Rights(
            WATCH,
            "codedeploy",
            f"CreateApplication GetApplication UpdateApplication DeleteApplication ListTagsForResource {_TAGS}",
            (_arn("codedeploy", "application:baler-*"),),
        )
    ],
    "aws:codedeploy/deploymentGroup:DeploymentGroup": [
        Rights(
            WATCH,
            "codedeploy",
            "CreateDeploymentGroup GetDeploymentGroup UpdateDeploymentGroup DeleteDeploymentGroup ListTagsForResource "
            f"{_TAGS}",
            (_arn("codedeploy", "deploymentgroup:baler-*/*"),),
        )
    ],
    "aws:directconnect/gatewayAssociation:GatewayAssociation": [
        Rights(
            NETWORK,
            "directconnect",
            "CreateDirectConnectGatewayAssociation UpdateDirectConnectGatewayAssociation "
            "DeleteDirectConnectGatewayAssociation DescribeDirectConnectGatewayAssociations "
            "DescribeDirectConnectGateways",
        )
    ],
    "aws:dynamodb/table:Table": [
        Rights(
            EVERY_STACK,
            "dynamodb",
            "CreateTable DescribeTable UpdateTable DeleteTable DescribeContinuousBackups UpdateContinuousBackups "
            f"DescribeTimeToLive UpdateTimeToLive ListTagsOfResource {_TAGS}",
            _TABLE,
        )
    ],
    "aws:ec2/customerGateway:CustomerGateway": _network("CreateCustomerGateway DeleteCustomerGateway"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _network(
        "RevokeSecurityGroupIngress RevokeSecurityGroupEgress"
    ),
    "aws:ec2/flowLog:FlowLog": _network("CreateFlowLogs DeleteFlowLogs"),
    "aws:ec2/route:Route": _network("CreateRoute ReplaceRoute DeleteRoute"),
    "aws:ec2/routeTable:RouteTable": _network("CreateRouteTable DeleteRouteTable"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _network(
        "AssociateRouteTable ReplaceRouteTableAssociation DisassociateRouteTable"
    ),
    "aws:ec2/securityGroup:SecurityGroup": _network(
        "CreateSecurityGroup DeleteSecurityGroup RevokeSecurityGroupEgress"
    ),
    "aws:ec2/subnet:Subnet": _network("CreateSubnet ModifySubnetAttribute DeleteSubnet"),
    "aws:ec2/vpc:Vpc": _network("CreateVpc ModifyVpcAttribute DeleteVpc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _network("CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints"),
    "aws:ec2/vpnConnection:VpnConnection": _network(
        "CreateVpnConnection ModifyVpnConnection ModifyVpnConnectionOptions ModifyVpnTunnelOptions DeleteVpnConnection"
    ),
    "aws:ec2/vpnGateway:VpnGateway": _network("CreateVpnGateway AttachVpnGateway DetachVpnGateway DeleteVpnGateway"),
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation": _network(
        "EnableVgwRoutePropagation DisableVgwRoutePropagation"
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": [
        Rights(EVENTS, "glue", f"CreateDatabase GetDatabase UpdateDatabase DeleteDatabase GetTags {_TAGS}", _CATALOGUE)
    ],
    "aws:glue/catalogTable:CatalogTable": [
        Rights(EVENTS, "glue", "CreateTable GetTable UpdateTable DeleteTable GetPartitionIndexes", _CATALOGUE)
    ],
    "aws:iam/role:Role": [
        Rights(
            EVERY_STACK,
            "iam",
            "CreateRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole ListRolePolicies "
            "ListAttachedRolePolicies ListInstanceProfilesForRole TagRole UntagRole ListRoleTags",
            _ROLE,
        ),
        Rights(EVERY_STACK, "iam", "PassRole", _ROLE, _PASSED_TO),
    ],
    "aws:iam/rolePolicy:RolePolicy": [
        Rights(EVERY_STACK, "iam", "PutRolePolicy GetRolePolicy DeleteRolePolicy", _ROLE)
    ],
    "aws:kinesis/stream:Stream": [
        Rights(
            EVENTS,
            "kinesis",
            "CreateStream DescribeStream DescribeStreamSummary DeleteStream IncreaseStreamRetentionPeriod "
            "DecreaseStreamRetentionPeriod StartStreamEncryption StopStreamEncryption ListTagsForStream "
            f"ListTagsForResource AddTagsToStream RemoveTagsFromStream {_TAGS}",
            (_arn("kinesis", "stream/baler-*"),),
        ),
        # IAM knows no resource of these.
        Rights(
            EVENTS, "kinesis", "UpdateShardCount UpdateStreamMode EnableEnhancedMonitoring DisableEnhancedMonitoring"
        ),
    ],
    "aws:kms/key:Key": _KEYS,
    "aws:kms/keyPolicy:KeyPolicy": _KEYS,
    "aws:lambda/alias:Alias": [
        Rights(EVERY_STACK, "lambda", "CreateAlias GetAlias UpdateAlias DeleteAlias", _FUNCTION)
    ],
    "aws:lambda/eventSourceMapping:EventSourceMapping": [
        Rights(
            EVERY_STACK,
            "lambda",
            "CreateEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping",
            condition={"ArnLike": {"lambda:FunctionArn": _FUNCTION[0]}},
        ),
        Rights(EVERY_STACK, "lambda", "GetEventSourceMapping ListEventSourceMappings"),
        Rights(EVERY_STACK, "lambda", f"ListTags {_TAGS}", _MAPPING),
    ],
    "aws:lambda/function:Function": [
        Rights(
            EVERY_STACK,
            "lambda",
            "CreateFunction GetFunction* UpdateFunctionCode UpdateFunctionConfiguration PublishVersion "
            f"ListVersionsByFunction DeleteFunction PutFunctionConcurrency DeleteFunctionConcurrency ListTags {_TAGS}",
            _FUNCTION,
        )
    ],
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": [
        Rights(
            EVERY_STACK,
            "lambda",
            "PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig GetFunction*",
            _FUNCTION,
        )
    ],
    "aws:lambda/permission:Permission": [
        Rights(EVERY_STACK, "lambda", "AddPermission GetPolicy RemovePermission", _FUNCTION)
    ],
    # A bucket is read whole, whatever of it the program declares; its objects only where it is destroyed with them.
    "aws:s3/bucket:Bucket": [
        *_bucket(
            "CreateBucket DeleteBucket ListBucket ListBucketVersions GetBucket* GetAccelerateConfiguration "
            "GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration PutBucketTagging "
            "ListTagsForResource TagResource UntagResource"
        ),
        Rights(EVERY_STACK, "s3", "DeleteObject DeleteObjectVersion", ("arn:aws:s3:::baler-*/*",)),
    ],
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket("PutLifecycleConfiguration"),
    "aws:s3/bucketNotification:BucketNotification": _bucket("PutBucketNotification"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _bucket("PutBucketObjectLockConfiguration"),
    "aws:s3/bucketObjectv2:BucketObjectv2": [
        Rights(LAKE, "s3", "PutObject GetObject GetObjectTagging PutObjectTagging DeleteObject", _SITE)
    ],
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket("PutBucketOwnershipControls"),
    "aws:s3/bucketPolicy:BucketPolicy": _bucket("PutBucketPolicy DeleteBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket("PutBucketPublicAccessBlock"),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _bucket("PutReplicationConfiguration"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket(
        "PutEncryptionConfiguration"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _bucket("PutBucketVersioning"),
    "aws:secretsmanager/secret:Secret": [
        Rights(
            EVERY_STACK,
            "secretsmanager",
            f"CreateSecret DescribeSecret UpdateSecret DeleteSecret GetResourcePolicy {_TAGS}",
            _SECRET,
        )
    ],
    "aws:secretsmanager/secretPolicy:SecretPolicy": [
        Rights(
            EVERY_STACK,
            "secretsmanager",
            "PutResourcePolicy DeleteResourcePolicy ValidateResourcePolicy GetResourcePolicy",
            _SECRET,
        )
    ],
    "aws:sns/topic:Topic": [
        Rights(
            EVERY_STACK,
            "sns",
            f"CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic ListTagsForResource {_TAGS}",
            _TOPIC,
        )
    ],
    "aws:sns/topicPolicy:TopicPolicy": [Rights(EVERY_STACK, "sns", "SetTopicAttributes GetTopicAttributes", _TOPIC)],
    "aws:sns/topicSubscription:TopicSubscription": [
        Rights(
            EVERY_STACK,
            "sns",
            "Subscribe GetSubscriptionAttributes SetSubscriptionAttributes ListSubscriptionsByTopic Unsubscribe",
            _TOPIC,
        )
    ],
    "aws:sqs/queue:Queue": [
        Rights(
            EVERY_STACK,
            "sqs",
            "CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes DeleteQueue ListQueueTags TagQueue "
            "UntagQueue",
            _QUEUE,
        )
    ],
    "aws:sqs/queuePolicy:QueuePolicy": [Rights(EVERY_STACK, "sqs", "SetQueueAttributes GetQueueAttributes", _QUEUE)],
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": [
        Rights(EVERY_STACK, "sqs", "SetQueueAttributes GetQueueAttributes", _QUEUE)
    ],
    "aws:sqs/redrivePolicy:RedrivePolicy": [
        Rights(EVERY_STACK, "sqs", "SetQueueAttributes GetQueueAttributes", _QUEUE)
    ],
    "aws:ssm/parameter:Parameter": [
        Rights(
            EVERY_STACK,
            "ssm",
            "PutParameter GetParameter GetParameters DeleteParameter AddTagsToResource RemoveTagsFromResource "
            "ListTagsForResource",
            _PARAMETER,
        ),
        Rights(EVERY_STACK, "ssm", "DescribeParameters"),
    ],
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _network(
        "AuthorizeSecurityGroupEgress ModifySecurityGroupRules RevokeSecurityGroupEgress"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _network(
        "AuthorizeSecurityGroupIngress ModifySecurityGroupRules RevokeSecurityGroupIngress"
    ),
}
"""By Pulumi's type token."""
