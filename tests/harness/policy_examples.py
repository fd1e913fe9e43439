"""For each rule of the policy pack: resources that keep it, and resources that each break it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from policy.rule import Declared

ACCOUNT: Final = "111122223333"


def declared(token: str, /, refers: dict[str, Declared] | None = None, **props: Any) -> Declared:
    """A resource whose references are to the given others."""
    urn = f"urn:pulumi:prod::baler::{token}::{json.dumps(props, sort_keys=True)}"
    return Declared(token, "example", urn, props, {key: (other.urn,) for key, other in (refers or {}).items()})


@dataclass(frozen=True)
class Example:
    """Stacks: one that keeps the rule, and some that break it once each."""

    good: list[Declared]
    bad: list[list[Declared]]


def _policy(token: str, **changes: Any) -> Declared:
    """A resource with a document of one statement, good but for the changes; None takes an element away."""
    statement = {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::bucket/*"],
        **changes,
    }
    kept = {key: value for key, value in statement.items() if value is not None}
    return declared(token, policy=json.dumps({"Version": "2012-10-17", "Statement": [kept]}))


def _role_policy(**changes: Any) -> Declared:
    return _policy("aws:iam/rolePolicy:RolePolicy", **changes)


def _refusals(token: str, service: str, *conditions: dict[str, Any]) -> Declared:
    refusals = [
        {"Effect": "Deny", "Principal": "*", "Action": f"{service}:*", "Resource": "*", "Condition": condition}
        for condition in conditions
    ]
    return declared(token, policy=json.dumps({"Statement": refusals}))


_PLAIN: Final = {"Bool": {"aws:SecureTransport": "false"}}
_OLD: Final = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
_BUCKET: Final = declared("aws:s3/bucket:Bucket")
_OTHER_BUCKET: Final = declared("aws:s3/bucket:Bucket", bucket="other")
_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_AES: Final = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ALL_BLOCKED: Final = dict.fromkeys(
    ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
)
_CONTROLS: Final = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"

_DEAD: Final = declared("aws:sqs/queue:Queue", name="dead", sqsManagedSseEnabled=True)
_QUEUE: Final = declared(
    "aws:sqs/queue:Queue", {"redrivePolicy": _DEAD}, name="alive", sqsManagedSseEnabled=True, redrivePolicy="{}"
)
_SIBLING: Final = declared("aws:sqs/queue:Queue", name="sibling", sqsManagedSseEnabled=True)
_REDRIVE: Final = "aws:sqs/redrivePolicy:RedrivePolicy"
_QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"

_LOG: Final = declared("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)
_FUNCTION: Final = "aws:lambda/function:Function"
_PERMISSION: Final = "aws:lambda/permission:Permission"
_SECRET: Final = declared("aws:secretsmanager/secret:Secret", recoveryWindowInDays=30)
_SECRET_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"  # noqa: S105 - a type of resource
_TABLE: Final = "aws:dynamodb/table:Table"
_KEY: Final = "aws:kms/key:Key"
_OWN_KEY: Final = declared(_KEY, enableKeyRotation=True)
_STREAM: Final = "aws:kinesis/stream:Stream"
_MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
_READER: Final = declared(_MAPPING, startingPosition="TRIM_HORIZON")
_WORKGROUP: Final = "aws:athena/workgroup:Workgroup"
_NETWORK: Final = declared("aws:ec2/vpc:Vpc")
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_TAGS: Final = {"project": "baler", "stack": "prod", "managed-by": "pulumi"}

_OF_S3: Final = {"Service": "s3.amazonaws.com"}
_OF_CLOUDFRONT: Final = {"Service": "cloudfront.amazonaws.com"}


def _for_distributions(*ids: str) -> dict[str, dict[str, list[str]]]:
    return {"ArnEquals": {"aws:SourceArn": [f"arn:aws:cloudfront::{ACCOUNT}:distribution/{each}" for each in ids]}}


_BEHAVIOUR: Final = {"viewerProtocolPolicy": "redirect-to-https", "responseHeadersPolicyId": "headers"}
_OF_A_BUCKET: Final = {"domainName": "bucket", "originAccessControlId": "control"}
_TLS: Final = {"originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"]}
_OWN_NAME: Final = {"acmCertificateArn": "certificate", "minimumProtocolVersion": "TLSv1.2_2021"}


def _distribution(**changes: Any) -> Declared:
    """A distribution that keeps every rule but for the changes."""
    props: dict[str, Any] = {
        "defaultCacheBehavior": _BEHAVIOUR,
        "orderedCacheBehaviors": [_BEHAVIOUR],
        "origins": [_OF_A_BUCKET, {"domainName": "api", "customOriginConfig": _TLS}],
        "viewerCertificate": _OWN_NAME,
        "tags": _TAGS,
    }
    return declared("aws:cloudfront/distribution:Distribution", None, **{**props, **changes})


def _stage(**changes: Any) -> Declared:
    limits = {"throttlingRateLimit": 100, "throttlingBurstLimit": 200}
    props: dict[str, Any] = {"accessLogSettings": {"format": "{}"}, "defaultRouteSettings": limits, "tags": _TAGS}
    return declared("aws:apigatewayv2/stage:Stage", None, **{**props, **changes})


_FOR_US: Final = {
    "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bucket"},
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
}

EXAMPLES: Final[dict[str, Example]] = {
    "bucket-is-encrypted": Example(
        [_BUCKET, declared(_ENCRYPTION, {"bucket": _BUCKET}, rules=_AES)],
        [
            [_BUCKET],
            [_BUCKET, declared(_ENCRYPTION, {"bucket": _OTHER_BUCKET}, rules=_AES)],
            [_BUCKET, declared(_ENCRYPTION, {"bucket": _BUCKET}, rules=[{"bucketKeyEnabled": True}])],
            [declared("aws:s3/bucketV2:BucketV2")],
        ],
    ),
    "bucket-is-never-public": Example(
        [_BUCKET, declared(_BLOCK, {"bucket": _BUCKET}, **_ALL_BLOCKED)],
        [
            [_BUCKET],
            *([_BUCKET, declared(_BLOCK, {"bucket": _BUCKET}, **{**_ALL_BLOCKED, key: False})] for key in _ALL_BLOCKED),
        ],
    ),
    "bucket-owns-its-objects": Example(
        [_BUCKET, declared(_CONTROLS, {"bucket": _BUCKET}, rule={"objectOwnership": "BucketOwnerEnforced"})],
        [[_BUCKET], [_BUCKET, declared(_CONTROLS, {"bucket": _BUCKET}, rule={"objectOwnership": "ObjectWriter"})]],
    ),
    "bucket-has-a-policy": Example([_BUCKET, declared(_BUCKET_POLICY, {"bucket": _BUCKET})], [[_BUCKET]]),
    "bucket-wants-tls": Example(
        [_refusals(_BUCKET_POLICY, "s3", _PLAIN, _OLD)],
        [
            [_refusals(_BUCKET_POLICY, "s3", _PLAIN)],
            [_refusals(_BUCKET_POLICY, "s3", _OLD)],
            [_refusals(_BUCKET_POLICY, "s3", _OLD, {"Bool": {"aws:SecureTransport": "true"}})],
        ],
    ),
    "bucket-has-no-access-list": Example(
        [_BUCKET],
        [
            [declared("aws:s3/bucketAcl:BucketAcl", acl="private")],
            [declared("aws:s3/bucket:Bucket", acl="public-read")],
        ],
    ),
    "queue-is-encrypted": Example(
        [_QUEUE, declared("aws:sqs/queue:Queue", kmsMasterKeyId="key")],
        [[declared("aws:sqs/queue:Queue")], [declared("aws:sqs/queue:Queue", sqsManagedSseEnabled=False)]],
    ),
    "queue-has-dead-letters": Example(
        [_QUEUE, _DEAD, _SIBLING, declared(_REDRIVE, {"queueUrl": _SIBLING, "redrivePolicy": _DEAD})],
        [
            [_DEAD],
            [declared("aws:sqs/queue:Queue")],
            [_QUEUE, _DEAD, _SIBLING, declared(_REDRIVE, {"queueUrl": _QUEUE, "redrivePolicy": _DEAD})],
            [_QUEUE, _DEAD, _SIBLING, declared(_REDRIVE, {"queueUrl": _SIBLING})],
        ],
    ),
    "queue-has-a-policy": Example([_QUEUE, declared(_QUEUE_POLICY, {"queueUrl": _QUEUE})], [[_QUEUE]]),
    "queue-wants-tls": Example(
        [_refusals(_QUEUE_POLICY, "sqs", _PLAIN)],
        [[_refusals(_QUEUE_POLICY, "sqs", _OLD)], [_refusals(_QUEUE_POLICY, "s3", _PLAIN)]],
    ),
    "function-logs-to-a-group": Example(
        [_LOG, declared(_FUNCTION, {"loggingConfig": _LOG})], [[_LOG, declared(_FUNCTION)]]
    ),
    "log-ends": Example([_LOG], [[declared("aws:cloudwatch/logGroup:LogGroup")]]),
    "function-is-private": Example(
        [
            declared(_FUNCTION, vpcConfig={"subnetIds": ["a"]}),
            replace(declared(_FUNCTION), name="baler-prod-lake-curation"),
        ],
        # Three functions of the lake are named, and a fourth is none of them.
        [[declared(_FUNCTION)], [replace(declared(_FUNCTION), name="baler-prod-lake-export")]],
    ),
    "function-has-no-url": Example(
        [declared(_FUNCTION)], [[declared("aws:lambda/functionUrl:FunctionUrl", authorizationType="AWS_IAM")]]
    ),
    "invoker-is-named": Example(
        [
            declared(_PERMISSION, principal="events.amazonaws.com", sourceArn="arn:aws:events:eu-west-2:1:rule/one"),
            declared(_PERMISSION, principal="s3.amazonaws.com", sourceArn="arn:aws:s3:::one", sourceAccount=ACCOUNT),
        ],
        [
            [declared(_PERMISSION, principal="events.amazonaws.com")],
            [declared(_PERMISSION, principal="s3.amazonaws.com", sourceAccount=ACCOUNT)],
            [declared(_PERMISSION, principal="s3.amazonaws.com", sourceArn="arn:aws:s3:::one")],
        ],
    ),
    "key-rotates": Example([_OWN_KEY], [[declared(_KEY)], [declared(_KEY, enableKeyRotation=False)]]),
    "key-has-a-policy": Example(
        [_OWN_KEY, declared("aws:kms/keyPolicy:KeyPolicy", {"keyId": _OWN_KEY}), declared(_KEY, policy="{}")],
        [[_OWN_KEY], [_OWN_KEY, declared("aws:kms/keyPolicy:KeyPolicy", keyId="another")]],
    ),
    "query-is-limited": Example(
        [
            declared(_WORKGROUP, configuration={"bytesScannedCutoffPerQuery": 10**9}),
            declared(
                _WORKGROUP,
                configuration={"bytesScannedCutoffPerQuery": 10**9, "enforceWorkgroupConfiguration": True},
            ),
        ],
        [
            [declared(_WORKGROUP)],
            [declared(_WORKGROUP, configuration={"enforceWorkgroupConfiguration": True})],
            [
                declared(
                    _WORKGROUP,
                    configuration={"bytesScannedCutoffPerQuery": 10**9, "enforceWorkgroupConfiguration": False},
                )
            ],
        ],
    ),
    "stream-is-encrypted": Example(
        [declared(_STREAM, encryptionType="KMS", kmsKeyId="key")],
        [
            [declared(_STREAM)],
            [declared(_STREAM, encryptionType="NONE", kmsKeyId="key")],
            [declared(_STREAM, encryptionType="KMS")],
        ],
    ),
    "stream-gives-nothing-up-unread": Example(
        [
            _BUCKET,
            declared(_MAPPING, {"destinationConfig": _BUCKET}, startingPosition="TRIM_HORIZON"),
            declared(_MAPPING),
        ],
        [
            [_BUCKET, _READER],
            [_QUEUE, declared(_MAPPING, {"destinationConfig": _QUEUE}, startingPosition="TRIM_HORIZON")],
        ],
    ),
    "stream-is-read-in-order": Example(
        [_READER, declared(_MAPPING, parallelizationFactor=1, startingPosition="TRIM_HORIZON")],
        [[declared(_MAPPING, parallelizationFactor=2, startingPosition="TRIM_HORIZON")]],
    ),
    "stream-is-read-whole": Example(
        [_READER, declared(_MAPPING)],
        [[declared(_MAPPING, startingPosition="LATEST")], [declared(_MAPPING, startingPosition="AT_TIMESTAMP")]],
    ),
    "secret-has-no-value": Example(
        [_SECRET], [[_SECRET, declared("aws:secretsmanager/secretVersion:SecretVersion", {"secretId": _SECRET})]]
    ),
    "secret-can-be-restored": Example(
        [_SECRET, declared("aws:secretsmanager/secret:Secret")],
        [[declared("aws:secretsmanager/secret:Secret", recoveryWindowInDays=0)]],
    ),
    "secret-has-a-policy": Example([_SECRET, declared(_SECRET_POLICY, {"secretArn": _SECRET})], [[_SECRET]]),
    "table-can-be-restored": Example(
        [declared(_TABLE, pointInTimeRecovery={"enabled": True})],
        [[declared(_TABLE)], [declared(_TABLE, pointInTimeRecovery={"enabled": False})]],
    ),
    "no-wildcard-action": Example(
        [_role_policy(), _role_policy(Effect="Deny", Action="*")],
        [
            [_role_policy(Action=["s3:GetObject", "s3:Put*"])],
            [_role_policy(Action="*")],
            [_role_policy(Action=None, NotAction="s3:*")],
        ],
    ),
    "no-wildcard-resource": Example(
        [
            _role_policy(),
            _role_policy(Action="xray:PutTraceSegments", Resource="*"),
            _role_policy(Resource="arn:aws:logs:eu-west-2:111122223333:log-group:log:*"),
            _role_policy(Effect="Deny", Resource="*"),
            _policy("aws:kms/key:Key", Action="kms:Decrypt", Resource="*"),
            _policy("aws:kms/keyPolicy:KeyPolicy", Action="kms:Decrypt", Resource="*"),
        ],
        [
            [_role_policy(Resource="*")],
            [_role_policy(Resource=["arn:aws:s3:::bucket-*/*"])],
            [_role_policy(Resource=None, NotResource="arn:aws:s3:::bucket/*")],
            [_role_policy(Action=["xray:PutTraceSegments", "s3:GetObject"], Resource="*")],
        ],
    ),
    "no-unnamed-principal": Example(
        [
            _policy(_BUCKET_POLICY, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"}),
            _policy(_BUCKET_POLICY, Principal="*", Condition={"StringEquals": {"AWS:PrincipalAccount": ACCOUNT}}),
            _policy(_BUCKET_POLICY, Principal="*", Effect="Deny"),
        ],
        [
            [_policy(_BUCKET_POLICY, Principal="*")],
            [_policy(_BUCKET_POLICY, Principal={"AWS": ["*"]})],
            [_policy(_BUCKET_POLICY, Principal="*", Condition=_PLAIN)],
            [_policy(_BUCKET_POLICY, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"})],
            [declared("aws:iam/role:Role", assumeRolePolicy='{"Statement": {"Effect": "Allow", "Principal": "*"}}')],
        ],
    ),
    "no-confused-deputy": Example(
        [
            _policy(_QUEUE_POLICY, Principal=_OF_S3, Condition=_FOR_US),
            _policy(_BUCKET_POLICY, Principal=_OF_CLOUDFRONT, Condition=_for_distributions("E1")),
        ],
        [
            [_policy(_QUEUE_POLICY, Principal=_OF_S3)],
            [_policy(_BUCKET_POLICY, Principal=_OF_CLOUDFRONT)],
            [_policy(_BUCKET_POLICY, Principal=_OF_CLOUDFRONT, Condition=_for_distributions("E1", "*"))],
            [_policy(_BUCKET_POLICY, Principal=_OF_S3, Condition=_for_distributions("E1"))],
            *(
                [_policy(_QUEUE_POLICY, Principal=_OF_S3, Condition={operator: keys})]
                for operator, keys in _FOR_US.items()
            ),
        ],
    ),
    "no-lasting-key": Example(
        [declared("aws:iam/role:Role")],
        [[declared("aws:iam/accessKey:AccessKey")], [declared("aws:iam/user:User")]],
    ),
    "no-borrowed-policy": Example(
        [
            declared("aws:iam/role:Role"),
            declared(
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment", policyArn=f"arn:aws:iam::{ACCOUNT}:policy/ours"
            ),
        ],
        [
            [
                declared(
                    "aws:iam/rolePolicyAttachment:RolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AnyAccess"
                )
            ],
            [declared("aws:iam/role:Role", managedPolicyArns=["arn:aws:iam::aws:policy/service-role/Any"])],
        ],
    ),
    "no-way-to-the-internet": Example(
        [
            declared("aws:ec2/subnet:Subnet"),
            declared("aws:ec2/routeTable:RouteTable", routes=[{"cidrBlock": "10.0.0.0/8"}]),
        ],
        [
            [declared("aws:ec2/internetGateway:InternetGateway")],
            [declared("aws:ec2/natGateway:NatGateway")],
            [declared("aws:ec2/subnet:Subnet", mapPublicIpOnLaunch=True)],
            [declared("aws:ec2/route:Route", destinationIpv6CidrBlock="::/0")],
            [declared("aws:ec2/routeTable:RouteTable", routes=[{"cidrBlock": "0.0.0.0/0"}])],
        ],
    ),
    "security-group-names-its-peers": Example(
        [declared(_EGRESS, cidrIpv4="10.0.0.0/8", ipProtocol="tcp"), declared(_GROUP, egress=[])],
        [
            [declared(_EGRESS, cidrIpv4="0.0.0.0/0", ipProtocol="tcp")],
            [declared(_EGRESS, cidrIpv4="10.0.0.0/8", ipProtocol="-1")],
            [declared(_GROUP, ingress=[{"protocol": "tcp", "ipv6CidrBlocks": ["::/0"]}])],
            [declared("aws:ec2/securityGroupRule:SecurityGroupRule", cidrBlocks=["0.0.0.0/0"], protocol="tcp")],
        ],
    ),
    "way-out-names-one-address": Example(
        [
            declared(_EGRESS, cidrIpv4="10.20.30.40/32", ipProtocol="tcp", fromPort=8443, toPort=8443),
            declared(_EGRESS, cidrIpv6="fd00::1/128", ipProtocol="tcp", fromPort=443, toPort=443),
            declared(_EGRESS, referencedSecurityGroupId="sg", ipProtocol="tcp", fromPort=443, toPort=443),
            declared(_GROUP, ingress=[{"protocol": "tcp", "cidrBlocks": ["10.0.0.0/8"]}]),
            declared("aws:ec2/route:Route", destinationCidrBlock="10.20.30.40/32"),
        ],
        [
            [declared(_EGRESS, cidrIpv4="10.20.30.0/24", ipProtocol="tcp", fromPort=8443, toPort=8443)],
            [declared(_EGRESS, cidrIpv6="fd00::/32", ipProtocol="tcp", fromPort=443, toPort=443)],
            [declared(_EGRESS, cidrIpv4="10.20.30.40/32", ipProtocol="tcp", fromPort=1024, toPort=65535)],
            [declared(_GROUP, egress=[{"protocol": "tcp", "cidrBlocks": ["10.0.0.0/8"], "fromPort": 1, "toPort": 1}])],
            [declared("aws:ec2/securityGroupRule:SecurityGroupRule", type="egress", cidrBlocks=["10.0.0.0/8"])],
            [declared("aws:ec2/route:Route", destinationCidrBlock="10.0.0.0/8")],
        ],
    ),
    "network-is-recorded": Example(
        [_NETWORK, declared("aws:ec2/flowLog:FlowLog", {"vpcId": _NETWORK})],
        [[_NETWORK], [_NETWORK, declared("aws:ec2/flowLog:FlowLog", {"subnetId": _NETWORK})]],
    ),
    "endpoint-has-a-policy": Example(
        [_policy("aws:ec2/vpcEndpoint:VpcEndpoint")], [[declared("aws:ec2/vpcEndpoint:VpcEndpoint")]]
    ),
    "site-wants-tls": Example(
        [_distribution()],
        [
            [_distribution(defaultCacheBehavior={**_BEHAVIOUR, "viewerProtocolPolicy": "allow-all"})],
            [_distribution(orderedCacheBehaviors=[{**_BEHAVIOUR, "viewerProtocolPolicy": "allow-all"}])],
            [_distribution(origins=[{"customOriginConfig": {**_TLS, "originProtocolPolicy": "match-viewer"}}])],
            [_distribution(origins=[{"customOriginConfig": {**_TLS, "originSslProtocols": ["TLSv1.1", "TLSv1.2"]}}])],
        ],
    ),
    "site-wants-new-tls": Example(
        # A name of CloudFront's own cannot do better.
        [_distribution(), _distribution(viewerCertificate={"cloudfrontDefaultCertificate": True})],
        [
            [_distribution(viewerCertificate={"acmCertificateArn": "certificate"})],
            [_distribution(viewerCertificate={**_OWN_NAME, "minimumProtocolVersion": "TLSv1.1_2016"})],
        ],
    ),
    "site-reads-a-private-bucket": Example([_distribution()], [[_distribution(origins=[{"domainName": "bucket"}])]]),
    "site-protects-its-readers": Example(
        [_distribution()],
        [
            [_distribution(defaultCacheBehavior={"viewerProtocolPolicy": "https-only"})],
            [_distribution(orderedCacheBehaviors=[{"viewerProtocolPolicy": "https-only"}])],
        ],
    ),
    "api-is-logged": Example([_stage()], [[_stage(accessLogSettings=None)]]),
    "api-is-limited": Example(
        [_stage()],
        [[_stage(defaultRouteSettings=None)], [_stage(defaultRouteSettings={"throttlingRateLimit": 100})]],
    ),
    "api-takes-no-cookies": Example(
        [declared("aws:apigatewayv2/api:Api", tags=_TAGS, corsConfiguration={"allowOrigins": ["*"]})],
        [[declared("aws:apigatewayv2/api:Api", tags=_TAGS, corsConfiguration={"allowCredentials": True})]],
    ),
    "tagged": Example(
        [declared("aws:s3/bucket:Bucket", tags=_TAGS), declared(_BUCKET_POLICY)],
        [
            [_BUCKET],
            *(
                [declared("aws:s3/bucket:Bucket", tags={key: _TAGS[key] for key in _TAGS if key != missing})]
                for missing in _TAGS
            ),
        ],
    ),
}
