"""The resources that there are, in LocalStack's and moto's stores: policies are read live, as they are deployed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from localstack.services.kms.models import kms_stores
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.s3.models import S3Object, s3_stores
from localstack.services.sqs.models import sqs_stores
from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.kinesis.models import kinesis_backends
from moto.logs.models import logs_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends

from baler_iam.access import Owned
from baler_iam.principals import role_named

if TYPE_CHECKING:
    from typing import Any

# Which account has a bucket is known in all of them, and an account's buckets in every region.
_ANY_ACCOUNT = "000000000000"
_ANY_REGION = "us-east-1"
_QUALIFIED = 8


class VpcEndpoint(NamedTuple):
    """The endpoint through which a function in a VPC reaches a service."""

    id: str
    vpc: str
    policy: str


class DeployedResources:
    """See `access.Resources`."""

    def bucket(self, name: str) -> Owned | None:
        """Return a bucket of any account."""
        found = self._bucket(name)
        return Owned(found.bucket_account_id, found.policy) if found else None

    def has_object(self, bucket: str, key: str, version: str | None) -> bool:
        """Tell whether a GetObject would find something: a delete marker is nothing."""
        found = self._bucket(bucket)
        if found is None:
            return False
        if version:
            return found.objects.get(key, version) is not None
        return isinstance(found.objects.get(key), S3Object)

    def queue_policy(self, arn: str) -> str | None:
        """Return a queue's policy."""
        _, _, _, region, account, name = arn.split(":")
        queue = sqs_stores[account][region].queues.get(name)
        return queue.attributes.get("Policy") or None if queue else None

    def topic_policy(self, arn: str) -> str | None:
        """Return a topic's policy."""
        topic = self._topic(arn)
        return topic.policy if topic else None

    def topic_key(self, arn: str) -> str | None:
        """Return the KMS key that encrypts a topic, as it was named: by id, ARN or alias."""
        topic = self._topic(arn)
        return topic.kms_master_key_id or None if topic else None

    def key(self, named: str, account: str, region: str) -> tuple[str, str] | None:
        """Return ARN and policy of a KMS key, named by id, ARN or alias."""
        if named.startswith("arn:"):
            _, _, _, region, account, named = named.split(":")
        store = kms_stores[account][region]
        if named.startswith("alias/"):
            alias = store.aliases.get(named)
            named = alias.metadata["TargetKeyId"] if alias else named
        key = store.keys.get(named.removeprefix("key/"))
        return (key.metadata["Arn"], key.policy) if key else None

    def secret(self, named: str, account: str, region: str) -> tuple[str, str | None] | None:
        """Return ARN and policy of a secret, named by name or ARN."""
        found = secretsmanager_backends[account][region].secrets.get(named)
        return (found.arn, found.policy) if found else None

    def function_policy(self, arn: str) -> str | None:
        """Return the policy of a function, version or alias by its ARN, qualifier and all."""
        parts = arn.split(":")
        function = lambda_stores[parts[4]][parts[3]].functions.get(parts[6])
        qualifier = parts[7] if len(parts) == _QUALIFIED else "$LATEST"
        permission = function.permissions.get(qualifier) if function else None
        return json.dumps(asdict(permission.policy)) if permission else None

    def function_of_mapping(self, uuid: str, account: str, region: str) -> str | None:
        """Return the ARN of the function that an event source mapping invokes."""
        mapping = lambda_stores[account][region].event_source_mappings.get(uuid)
        return mapping["FunctionArn"] if mapping else None

    def trust_policy(self, role_arn: str) -> str | None:
        """Return who may assume a role."""
        role = role_named(role_arn)
        return role.assume_role_policy_document if role else None

    def partition_key(self, table_arn: str) -> str | None:
        """Return the name of a table's partition key."""
        parts = table_arn.split(":")
        table = dynamodb_backends[parts[4]][parts[3]].tables.get(parts[5].removeprefix("table/").partition("/")[0])
        return table.hash_key_attr if table else None

    def stream_key(self, arn: str) -> str | None:
        """Return the KMS key that encrypts a stream, as it was named: by id, ARN or alias."""
        parts = arn.split(":")
        stream = kinesis_backends[parts[4]][parts[3]].streams.get(parts[5].split("/")[1])
        return stream.key_id or None if stream else None

    def has_log_group(self, name: str, account: str, region: str) -> bool:
        """Tell whether there is a log group."""
        return name in logs_backends[account][region].groups

    def function_arn(self, role_arn: str, session: str, region: str) -> str | None:
        """Return the function that a role's session is of: Lambda names sessions after the function."""
        account = role_arn.split(":")[4]
        function = self._function(account, region, session)
        version = function.latest() if function else None
        return version.id.unqualified_arn() if version and version.config.role == role_arn else None

    def endpoint_of(self, function_arn: str, service: str) -> VpcEndpoint | None:
        """Return the endpoint for a service in the network of a function; None where there is none, or no network."""
        _, _, _, region, account, _, name = function_arn.split(":")
        network = self._function(account, region, name).latest().config.vpc_config
        if network is None:
            return None
        for endpoint in ec2_backends[account][region].vpc_end_points.values():
            if endpoint.vpc_id == network.vpc_id and endpoint.service_name.endswith(f".{service}"):
                return VpcEndpoint(endpoint.id, endpoint.vpc_id, endpoint.policy_document)
        return None

    @staticmethod
    def _function(account: str, region: str, name: str) -> Any:
        return lambda_stores[account][region].functions.get(name)

    @staticmethod
    def _bucket(name: str) -> Any:
        owner = s3_stores[_ANY_ACCOUNT][_ANY_REGION].global_bucket_map.get(name)
        return s3_stores[owner][_ANY_REGION].buckets.get(name) if owner else None

    @staticmethod
    def _topic(arn: str) -> Any:
        _, _, _, region, account, _ = arn.split(":")
        return sns_backends[account][region].topics.get(arn)
