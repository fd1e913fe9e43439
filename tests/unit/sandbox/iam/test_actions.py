"""baler_iam.actions: which permissions a request needs, by AWS's own tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from baler_iam.access import Access, Call, Owned, UnknownActionError
from baler_iam.actions import accesses
from baler_kinesis.iterator import ShardIterator

ACCOUNT = "000000000000"
REGION = "eu-west-2"
BUCKET_POLICY = '{"Statement": []}'
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s"
PLACE = ShardIterator("t", "shardId-000000000000", 0, 0.0).text()
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


@dataclass
class Something:
    """Resources of which there is one of each kind."""

    objects: set[tuple[str, str | None]] = field(default_factory=lambda: {("there", None), ("there", "v1")})

    def bucket(self, name: str) -> Owned | None:
        return Owned("111111111111", BUCKET_POLICY) if name == "b" else None

    def has_object(self, _bucket: str, key: str, version: str | None) -> bool:
        return (key, version) in self.objects

    def queue_policy(self, arn: str) -> str | None:
        return "the queue's" if arn == QUEUE else None

    def topic_policy(self, arn: str) -> str | None:
        return "the topic's" if arn == TOPIC else None

    def topic_key(self, arn: str) -> str | None:
        return "alias/k" if arn == TOPIC else None

    def key(self, named: str, _account: str, _region: str) -> tuple[str, str] | None:
        return (KEY, "the key's") if named in {"k", "alias/k", KEY} else None

    def secret(self, named: str, _account: str, _region: str) -> tuple[str, str | None] | None:
        return (f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s-AbCdEf", None) if named == "s" else None

    def function_policy(self, arn: str) -> str | None:
        return "the alias's" if arn == f"{FUNCTION}:live" else None

    def function_of_mapping(self, uuid: str, _account: str, _region: str) -> str | None:
        return FUNCTION if uuid == "u" else None

    def trust_policy(self, role_arn: str) -> str | None:
        return "whom it trusts" if role_arn == ROLE else None

    def partition_key(self, table_arn: str) -> str | None:
        return "id" if table_arn == TABLE else None

    def stream_key(self, arn: str) -> str | None:
        return {STREAM: "alias/k", f"{STREAM}-of-aws": "alias/aws/kinesis"}.get(arn)


def needed(service: str, operation: str, **parameters: Any) -> list[Access]:
    return accesses(Call(service, operation, parameters, ACCOUNT, REGION), Something())


def pairs(found: list[Access]) -> list[tuple[str, str]]:
    return [(access.action, access.resource) for access in found]


@pytest.mark.parametrize(
    ("operation", "parameters", "action"),
    [
        ("GetObject", {}, "s3:GetObject"),
        ("GetObject", {"VersionId": "v1"}, "s3:GetObjectVersion"),
        ("HeadObject", {"VersionId": "v1"}, "s3:GetObjectVersion"),
        ("DeleteObject", {}, "s3:DeleteObject"),
        ("DeleteObject", {"VersionId": "v1"}, "s3:DeleteObjectVersion"),
        ("UploadPart", {}, "s3:PutObject"),
        ("ListParts", {}, "s3:ListMultipartUploadParts"),
        ("RestoreObject", {}, "s3:RestoreObject"),
        ("PutObjectTagging", {}, "s3:PutObjectTagging"),
    ],
)
def test_an_operation_on_an_object_needs_the_action_that_s3_calls_otherwise(
    operation: str, parameters: dict[str, str], action: str
) -> None:
    (found,) = needed("s3", operation, Bucket="b", Key="there", **parameters)
    assert (found.action, found.resource) == (action, "arn:aws:s3:::b/there")
    assert (found.account, found.policy) == ("111111111111", BUCKET_POLICY)


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("HeadBucket", "ListBucket"),
        ("ListObjectsV2", "ListBucket"),
        ("ListObjectVersions", "ListBucketVersions"),
        ("GetBucketEncryption", "GetEncryptionConfiguration"),
        ("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
        ("DeleteBucketPolicy", "DeleteBucketPolicy"),
        ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
        ("PutBucketNotificationConfiguration", "PutBucketNotification"),
        ("GetBucketVersioning", "GetBucketVersioning"),
    ],
)
def test_an_operation_on_a_bucket_needs_the_action_that_s3_calls_otherwise(operation: str, action: str) -> None:
    assert pairs(needed("s3", operation, Bucket="b")) == [(f"s3:{action}", "arn:aws:s3:::b")]


def test_reading_what_is_not_there_also_needs_the_right_to_list() -> None:
    for operation in ("GetObject", "HeadObject"):
        assert pairs(needed("s3", operation, Bucket="b", Key="gone"))[1:] == [("s3:ListBucket", "arn:aws:s3:::b")]
    copied = needed("s3", "CopyObject", Bucket="b", Key="to", CopySource="b/gone")
    assert pairs(copied)[:2] == [("s3:GetObject", "arn:aws:s3:::b/gone"), ("s3:ListBucket", "arn:aws:s3:::b")]
    assert len(needed("s3", "CopyObject", Bucket="b", Key="to", CopySource="b/there")) == 2
    # There is nothing to list in a bucket that is not there: S3 then says NoSuchBucket.
    assert len(needed("s3", "GetObject", Bucket="none", Key="gone")) == 1


def test_a_put_says_how_the_object_is_to_be_kept_and_a_part_creates_none() -> None:
    (put,) = needed("s3", "PutObject", Bucket="b", Key="k", IfNoneMatch="*", StorageClass="GLACIER")
    assert put.keys == {
        "s3:if-none-match": "*",
        "s3:x-amz-storage-class": "GLACIER",
        "s3:ObjectCreationOperation": "true",
    }
    (part,) = needed("s3", "UploadPart", Bucket="b", Key="k")
    assert part.keys == {"s3:ObjectCreationOperation": "false"}
    assert pairs(needed("s3", "PutObject", Bucket="b", Key="k", Tagging="a=b"))[1:] == [
        ("s3:PutObjectTagging", "arn:aws:s3:::b/k")
    ]


def test_each_object_of_a_delete_and_both_ends_of_a_copy_are_asked_for() -> None:
    objects = [{"Key": "one"}, {"Key": "two", "VersionId": "v"}]
    assert pairs(needed("s3", "DeleteObjects", Bucket="b", Delete={"Objects": objects})) == [
        ("s3:DeleteObject", "arn:aws:s3:::b/one"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::b/two"),
    ]
    assert pairs(needed("s3", "CopyObject", Bucket="b", Key="to", CopySource="c/from%20here?versionId=v")) == [
        ("s3:GetObjectVersion", "arn:aws:s3:::c/from here"),
        ("s3:PutObject", "arn:aws:s3:::b/to"),
    ]


def test_a_delete_on_condition_of_an_etag_also_needs_to_read_the_object() -> None:
    deleted, read = needed("s3", "DeleteObject", Bucket="b", Key="k", IfMatch='"e"')
    assert pairs([deleted, read]) == [("s3:DeleteObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::b/k")]
    assert deleted.keys == {"s3:if-match": '"e"'}
    (whatever,) = needed("s3", "DeleteObject", Bucket="b", Key="k", IfMatch="*")
    assert (whatever.action, whatever.keys) == ("s3:DeleteObject", {"s3:if-match": "*"})
    objects = [{"Key": "one", "ETag": '"e"'}, {"Key": "two"}]
    assert [access.action for access in needed("s3", "DeleteObjects", Bucket="b", Delete={"Objects": objects})] == [
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:DeleteObject",
    ]


def test_a_secret_is_asked_for_with_the_stage_that_is_wanted() -> None:
    (found,) = needed("secretsmanager", "GetSecretValue", SecretId="s", VersionStage="AWSPREVIOUS")
    assert found.keys == {"secretsmanager:SecretId": "s", "secretsmanager:VersionStage": "AWSPREVIOUS"}


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("CreateApi", "POST"),
        ("GetRoutes", "GET"),
        ("UpdateStage", "PATCH"),
        ("DeleteCorsConfiguration", "DELETE"),
        ("TagResource", "POST"),
    ],
)
def test_api_gateways_actions_are_methods_of_http(operation: str, action: str) -> None:
    assert pairs(needed("apigatewayv2", operation, ApiId="a")) == [(f"apigateway:{action}", "*")]


def test_a_list_says_which_prefix_it_is_of() -> None:
    (found,) = needed("s3", "ListObjectsV2", Bucket="b", Prefix="bundles/", MaxKeys=5)
    assert found.keys == {"s3:prefix": "bundles/", "s3:max-keys": "5"}


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:4566/queue/{REGION}/{ACCOUNT}/q", f"http://127.0.0.1:4566/{ACCOUNT}/q"]
)
def test_a_batch_on_a_queue_needs_what_a_single_request_does(url: str) -> None:
    for operation, action in (("SendMessageBatch", "SendMessage"), ("DeleteMessage", "DeleteMessage")):
        (found,) = needed("sqs", operation, QueueUrl=url)
        assert (found.action, found.resource, found.policy) == (f"sqs:{action}", QUEUE, "the queue's")


def test_the_list_of_queues_is_about_none() -> None:
    (found,) = needed("sqs", "ListQueues", QueueNamePrefix="baler")
    assert (found.action, found.resource, found.policy) == ("sqs:ListQueues", "*", None)


def test_a_redrive_needs_what_a_consumer_of_the_dead_letters_does() -> None:
    found = needed("sqs", "StartMessageMoveTask", SourceArn=QUEUE, DestinationArn=f"{QUEUE}2")
    assert [access.action for access in found] == [
        "sqs:StartMessageMoveTask",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
    ]


def test_items_say_their_leading_keys_and_a_transaction_needs_the_actions_of_its_items() -> None:
    (put,) = needed("dynamodb", "PutItem", TableName="t", Item={"id": {"S": "a"}, "more": {"N": "1"}})
    assert (put.action, put.resource, put.keys) == ("dynamodb:PutItem", TABLE, {"dynamodb:LeadingKeys": ("a",)})
    keys = [{"id": {"S": "b"}}, {"id": {"S": "a"}}]
    (batch,) = needed("dynamodb", "BatchGetItem", RequestItems={"t": {"Keys": keys}})
    assert batch.keys == {"dynamodb:LeadingKeys": ("a", "b")}
    items = [
        {"Put": {"TableName": "t", "Item": {"id": {"S": "a"}}}, "Delete": None},
        {"ConditionCheck": {"TableName": "t", "Key": {"id": {"S": "b"}}}},
    ]
    assert [access.action for access in needed("dynamodb", "TransactWriteItems", TransactItems=items)] == [
        "dynamodb:PutItem",
        "dynamodb:ConditionCheckItem",
    ]
    assert pairs(needed("dynamodb", "Query", TableName="t", IndexName="i")) == [("dynamodb:Query", f"{TABLE}/index/i")]


def test_inserts_need_one_action_a_table_and_say_their_leading_keys() -> None:
    def insert(table: str, key: str) -> dict[str, Any]:
        return {"Statement": f"INSERT INTO \"{table}\" VALUE {{'id': ?}}", "Parameters": [{"S": key}]}

    found = needed(
        "dynamodb", "BatchExecuteStatement", Statements=[insert("t", "b"), insert("t", "a"), insert("u", "c")]
    )
    assert pairs(found) == [("dynamodb:PartiQLInsert", TABLE), ("dynamodb:PartiQLInsert", TABLE.replace("/t", "/u"))]
    assert found[0].keys == {"dynamodb:LeadingKeys": ("a", "b")}


def test_a_statement_that_is_no_insert_is_not_judged() -> None:
    with pytest.raises(UnknownActionError, match="only INSERT"):
        needed("dynamodb", "BatchExecuteStatement", Statements=[{"Statement": 'SELECT * FROM "t"'}])


@pytest.mark.parametrize(
    ("parameters", "resource", "policy"),
    [
        ({"FunctionName": "f"}, FUNCTION, None),
        ({"FunctionName": "f:live"}, f"{FUNCTION}:live", "the alias's"),
        ({"FunctionName": "f", "Qualifier": "live"}, f"{FUNCTION}:live", "the alias's"),
        ({"FunctionName": FUNCTION, "Qualifier": "live"}, f"{FUNCTION}:live", "the alias's"),
        ({"FunctionName": f"{FUNCTION}:live"}, f"{FUNCTION}:live", "the alias's"),
    ],
)
def test_a_function_is_named_in_every_way_that_lambda_takes(
    parameters: dict[str, str], resource: str, policy: str | None
) -> None:
    (found,) = needed("lambda", "Invoke", **parameters)
    assert (found.action, found.resource, found.policy) == ("lambda:InvokeFunction", resource, policy)


def test_an_event_source_mapping_says_which_function_it_invokes() -> None:
    (found,) = needed("lambda", "UpdateEventSourceMapping", UUID="u")
    assert found.keys == {"lambda:FunctionArn": FUNCTION}


def test_whoever_publishes_to_an_encrypted_topic_needs_its_key() -> None:
    found = needed("sns", "PublishBatch", TopicArn=TOPIC)
    assert pairs(found) == [("sns:Publish", TOPIC), ("kms:GenerateDataKey", KEY), ("kms:Decrypt", KEY)]
    assert [access.policy for access in found] == ["the topic's", "the key's", "the key's"]
    assert pairs(needed("sns", "Publish", TopicArn=f"{TOPIC}2")) == [("sns:Publish", f"{TOPIC}2")]
    assert pairs(needed("sns", "Unsubscribe", SubscriptionArn=f"{TOPIC}:u")) == [("sns:Unsubscribe", TOPIC)]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource"),
    [
        # IAM's prefix is not the name that a service signs with.
        ("cloudwatch", "PutMetricData", {"Namespace": "n"}, "cloudwatch:PutMetricData", "*"),
        ("cloudwatch", "SetAlarmState", {"AlarmName": "a"}, "cloudwatch:SetAlarmState", "arn:aws:cloudwatch:@:alarm:a"),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/g", "logStreamName": "s"},
            "logs:PutLogEvents",
            "arn:aws:logs:@:log-group:/g:log-stream:s",
        ),
        ("xray", "PutTraceSegments", {}, "xray:PutTraceSegments", "*"),
        ("kinesis", "PutRecords", {"StreamName": "t"}, "kinesis:PutRecords", "arn:aws:kinesis:@:stream/t"),
        ("kinesis", "ListStreams", {}, "kinesis:ListStreams", "*"),
        ("kinesis", "UpdateShardCount", {"StreamName": "t"}, "kinesis:UpdateShardCount", "*"),
        ("kinesis", "GetRecords", {"ShardIterator": PLACE}, "kinesis:GetRecords", "arn:aws:kinesis:@:stream/t"),
        ("kinesis", "GetRecords", {"ShardIterator": "none of ours"}, "kinesis:GetRecords", "*"),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "s"},
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:@:secret:s-AbCdEf",
        ),
        ("ssm", "GetParameter", {"Name": "/a/b"}, "ssm:GetParameter", "arn:aws:ssm:@:parameter/a/b"),
        ("ssm", "GetParameter", {"Name": "plain"}, "ssm:GetParameter", "arn:aws:ssm:@:parameter/plain"),
        ("iam", "PutRolePolicy", {"RoleName": "r"}, "iam:PutRolePolicy", "arn:aws:iam::000000000000:role/r"),
        ("iam", "CreateUser", {"UserName": "u"}, "iam:CreateUser", "*"),
        ("events", "PutRule", {"Name": "r"}, "events:PutRule", "arn:aws:events:@:rule/r"),
        ("events", "PutTargets", {"Rule": "r"}, "events:PutTargets", "arn:aws:events:@:rule/r"),
        ("ssm", "DescribeParameters", {}, "ssm:DescribeParameters", "*"),
        ("kms", "Decrypt", {"KeyId": "alias/k"}, "kms:Decrypt", KEY),
        ("s3", "ListBuckets", {}, "s3:ListAllMyBuckets", "*"),
        ("ec2", "CreateVpc", {}, "ec2:CreateVpc", "*"),
    ],
)
def test_other_services_are_asked_for_what_iam_calls_it(
    service: str, operation: str, parameters: dict[str, str], action: str, resource: str
) -> None:
    whole = resource.replace("@", f"{REGION}:{ACCOUNT}")
    assert pairs(needed(service, operation, **parameters)) == [(action, whole)]


def test_a_role_is_a_resource_whose_policy_says_whom_it_trusts() -> None:
    (found,) = needed("sts", "AssumeRole", RoleArn=ROLE, RoleSessionName="me", ExternalId="agreed")
    assert (found.policy, found.keys) == ("whom it trusts", {"sts:RoleSessionName": "me", "sts:ExternalId": "agreed"})
    assert needed("sts", "GetCallerIdentity") == []


@pytest.mark.parametrize(
    ("service", "operation", "told"),
    [
        ("s3", "SelectObjectContent", "does not know which permission S3's SelectObjectContent needs"),
        ("redshift", "DescribeClusters", "does not know which permissions requests to redshift need"),
        ("dynamodb", "BatchGetItem", "cannot work out what dynamodb's BatchGetItem is about: KeyError"),
    ],
)
def test_a_request_whose_action_cannot_be_told_is_told_so(service: str, operation: str, told: str) -> None:
    with pytest.raises(UnknownActionError, match=told):
        needed(service, operation, Bucket="b")


@pytest.mark.parametrize(
    ("operation", "parameters", "action"),
    [
        ("PutRecord", {"StreamName": "s"}, "kms:GenerateDataKey"),
        ("PutRecords", {"StreamARN": STREAM}, "kms:GenerateDataKey"),
        ("GetRecords", {"StreamARN": STREAM, "ShardIterator": PLACE}, "kms:Decrypt"),
    ],
)
def test_who_puts_into_or_reads_an_encrypted_stream_needs_its_key_through_kinesis(
    operation: str, parameters: dict[str, str], action: str
) -> None:
    context = {
        "kms:ViaService": "kinesis.eu-west-2.amazonaws.com",
        "kms:EncryptionContext:aws:kinesis:arn": STREAM,
    }
    assert needed("kinesis", operation, **parameters) == [
        Access(f"kinesis:{operation}", STREAM, ACCOUNT),
        Access(action, KEY, ACCOUNT, "the key's", context),
    ]


def test_the_key_that_kinesis_has_of_its_own_is_not_asked_for() -> None:
    assert pairs(needed("kinesis", "PutRecords", StreamName="s-of-aws")) == [("kinesis:PutRecords", f"{STREAM}-of-aws")]
    assert pairs(needed("kinesis", "DescribeStream", StreamName="s")) == [("kinesis:DescribeStream", STREAM)]


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        ("CreateDatabase", {"DatabaseInput": {"Name": "d"}}, ["catalog", "database/d"]),
        ("GetDatabase", {"Name": "d"}, ["catalog", "database/d"]),
        ("GetDatabases", {}, ["catalog"]),
        ("GetTable", {"DatabaseName": "d", "Name": "t"}, ["catalog", "database/d", "table/d/t"]),
        ("GetTables", {"DatabaseName": "d"}, ["catalog", "database/d", "table/d/*"]),
        ("CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t"}}, ["catalog", "database/d", "table/d/t"]),
        ("GetPartitions", {"DatabaseName": "d", "TableName": "t"}, ["catalog", "database/d", "table/d/t"]),
    ],
)
def test_an_action_on_a_table_is_asked_for_on_its_database_and_on_the_catalogue_too(
    operation: str, parameters: dict[str, Any], resources: list[str]
) -> None:
    assert pairs(needed("glue", operation, **parameters)) == [
        (f"glue:{operation}", f"arn:aws:glue:{REGION}:{ACCOUNT}:{resource}") for resource in resources
    ]


def test_a_query_needs_its_workgroup() -> None:
    workgroup = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/w"
    for operation, parameters in (
        ("StartQueryExecution", {"WorkGroup": "w", "QueryString": "SELECT 1"}),
        ("CreateWorkGroup", {"Name": "w"}),
    ):
        assert pairs(needed("athena", operation, **parameters)) == [(f"athena:{operation}", workgroup)]
    assert pairs(needed("athena", "ListWorkGroups")) == [("athena:ListWorkGroups", "*")]
