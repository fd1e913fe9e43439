"""What the words of a row mean to IAM: principals, condition keys, and the documents that apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from harness.recorded_program import EVENTS_ALONE, REGION

from access_matrix.resources import ACCOUNT, OPEN_TO_ALL, STRANGER, things
from access_matrix.resources_of_events import ROLES_DECIDE
from access_matrix.resources_of_lake import ITEMS
from access_matrix.simulator import Request
from access_matrix.vocabulary import Expected, Layer, On, Variant, Via, Who
from runtime.files.aws.reconciliation_progress import PROGRESS_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.recorded_program import Deployed

    from access_matrix.produced import Produced
    from access_matrix.row import Row

EXTERNAL_ID: Final = "agreed-on-the-phone"
OPERATOR: Final = f"arn:aws:iam::{ACCOUNT}:role/operator"

ANALYST: Final = f"arn:aws:iam::{ACCOUNT}:role/analyst"

ADMINISTRATOR: Final = "everything is allowed"
_ALL: Final = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
OWN_DOCUMENTS: Final[dict[str, Any]] = {
    ADMINISTRATOR: {"Version": "2012-10-17", "Statement": [_ALL]},
    ROLES_DECIDE: {
        "Version": "2012-10-17",
        "Statement": [{**_ALL, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}],
    },
    OPEN_TO_ALL: {"Version": "2012-10-17", "Statement": [{**_ALL, "Principal": "*"}]},
}
"""Documents that are not the program's: what others grant, in our account and in theirs."""

_ROLES: Final = {
    Who.AGGREGATOR: "files-aggregator",
    Who.MONITOR: "files-mailbox-monitor",
    Who.RECONCILIATION: "files-reconciliation",
    Who.REGISTRAR: "files-registrar",
    Who.COURIER: "files-courier",
    Who.EXTERNAL_PARTY: "files-external-party",
    Who.CONSUMER: "files-consumer",
    Who.FLOW_LOG_WRITER: "network",
    Who.ROLLOUT: "files-rollout",
    Who.COURIER_ROLLOUT: "files-courier-rollout",
    Who.PROCESSOR: "events-processor",
    Who.TRANSFORMER: "events-transformer",
    Who.COMPACTOR: "events-compactor",
    Who.RECOVERY: "events-recovery",
    Who.SWEEPER: "events-sweeper",
    Who.PRODUCER: "events-producer",
    Who.REPLICATION: "events-replication",
    Who.STREAM_ROLLOUT: "events-stream-rollout",
    Who.OBJECT_ROLLOUT: "events-object-rollout",
    Who.TABLE_ROLLOUT: "events-table-rollout",
    Who.INGESTION: "lake-ingestion",
    Who.CURATION: "lake-curation",
    Who.API: "lake-api",
    Who.SCHEDULE_ROLLOUT: "lake-schedule-rollout",
    Who.CURATION_ROLLOUT: "lake-object-rollout",
    Who.API_ROLLOUT: "lake-api-rollout",
}
_OTHERS: Final = {
    Who.OPERATOR: OPERATOR,
    Who.ANALYST: ANALYST,
    Who.OUR_PRODUCER: EVENTS_ALONE["baler:eventsProducerPrincipalArn"],
    Who.ADMINISTRATOR: f"arn:aws:iam::{ACCOUNT}:role/administrator",
    Who.STRANGER: f"arn:aws:iam::{STRANGER}:role/administrator",
    Who.THEIR_UPLOADER: "arn:aws:iam::444455556666:role/uploader",
    Who.THEIR_COLLEAGUE: "arn:aws:iam::444455556666:role/colleague",
    Who.OUR_COLLECTOR: f"arn:aws:iam::{ACCOUNT}:user/on-premises",
    Who.OUR_COLLEAGUE: f"arn:aws:iam::{ACCOUNT}:user/colleague",
}
_SERVICES: Final = {
    Who.S3: "s3.amazonaws.com",
    Who.SNS: "sns.amazonaws.com",
    Who.CLOUDWATCH: "cloudwatch.amazonaws.com",
    Who.BUDGETS: "budgets.amazonaws.com",
    Who.LAMBDA: "lambda.amazonaws.com",
    Who.FLOW_LOGS: "vpc-flow-logs.amazonaws.com",
    Who.CODEDEPLOY: "codedeploy.amazonaws.com",
    Who.EC2: "ec2.amazonaws.com",
    Who.CLOUDTRAIL: "cloudtrail.amazonaws.com",
    Who.CLOUDFRONT: "cloudfront.amazonaws.com",
}

_TLS: Final = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
_TLS_1_2: Final = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}
_TLS_1_1: Final = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.1"}
_PLAIN: Final = {"aws:SecureTransport": "false"}
_IF_NEW: Final = {"s3:if-none-match": "*"}
_ANYWHERE: Final = {"aws:SourceIp": "198.51.100.7"}
_THEIRS: Final = {"aws:SourceIp": "203.0.113.7"}
_THEIRS_IPV6: Final = {"aws:SourceIp": "2001:db8::7"}
# What AWS sets for a request that came through an endpoint: no source address, but the endpoint's own keys.
_STRANGERS_VPC: Final = {
    "aws:SourceVpce": "vpce-strangers",
    "aws:SourceVpc": "vpc-strangers",
    "aws:VpcSourceIp": "203.0.113.7",
}

_FIXED: Final[dict[Via, Mapping[str, str]]] = {
    Via.LAMBDA: _ANYWHERE | _TLS,
    Via.THEIR_NETWORK: _THEIRS | _TLS,
    Via.THEIR_IPV6_NETWORK: _THEIRS_IPV6 | _TLS,
    Via.THEIR_NETWORK_TLS_1_2: _THEIRS | _TLS_1_2,
    Via.THEIR_NETWORK_TLS_1_1: _THEIRS | _TLS_1_1,
    Via.THEIR_NETWORK_PLAIN: _THEIRS | _PLAIN,
    Via.INTERNET: _ANYWHERE | _TLS,
    Via.INTERNET_TLS_1_1: _ANYWHERE | _TLS_1_1,
    Via.INTERNET_PLAIN: _ANYWHERE | _PLAIN,
    Via.IF_NEW: _ANYWHERE | _TLS | _IF_NEW,
    Via.AS_STANDARD: _THEIRS | _TLS | {"s3:x-amz-storage-class": "STANDARD"},
    Via.AS_GLACIER: _THEIRS | _TLS | {"s3:x-amz-storage-class": "GLACIER"},
    Via.WITH_SSE_S3: _THEIRS | _TLS | {"s3:x-amz-server-side-encryption": "AES256"},
    Via.WITH_SSE_KMS: _THEIRS | _TLS | {"s3:x-amz-server-side-encryption": "aws:kms"},
    Via.WITH_SSE_C: _THEIRS | _TLS | {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"},
    Via.STRANGERS_ENDPOINT: _STRANGERS_VPC | _TLS,
    Via.EXTERNAL_ID: _ANYWHERE | _TLS | {"sts:ExternalId": EXTERNAL_ID},
    Via.WRONG_EXTERNAL_ID: _ANYWHERE | _TLS | {"sts:ExternalId": "a guess"},
    Via.NO_EXTERNAL_ID: _ANYWHERE | _TLS,
}
_BUDGET: Final = f"arn:aws:budgets::{ACCOUNT}:budget/any"
_FROM_PREMISES: Final = {Via.PREMISES: _TLS, Via.PREMISES_TLS_1_1: _TLS_1_1, Via.PREMISES_PLAIN: _PLAIN}
_FROM_FUNCTION: Final[dict[Via, Mapping[str, str]]] = {Via.FUNCTION: _IF_NEW, Via.FUNCTION_OVERWRITING: {}}
_FUNCTIONS: Final = (
    *(Who.AGGREGATOR, Who.MONITOR, Who.RECONCILIATION, Who.REGISTRAR, Who.COURIER),
    *(Who.PROCESSOR, Who.TRANSFORMER, Who.COMPACTOR, Who.RECOVERY),
)
_SHARED_CALLS: Final = ("s3", "dynamodb", "sqs", "xray")
_FUNCTIONS_CALL: Final[dict[Variant, Sequence[str]]] = {
    Variant.OPEN: (),
    Variant.PRIVATE: (*_SHARED_CALLS, "lambda"),
    Variant.PUSHED: (*_SHARED_CALLS, "lambda", "secretsmanager"),
    Variant.EVENTS: (*_SHARED_CALLS, "kinesis", "glue"),
    Variant.LAKE: (),
}
"""The services that functions reach through endpoints, by the prefix of their actions."""
_ENDPOINTS: Final = {"kinesis": "kinesis-streams"}
"""What the endpoint of a service is called, where that is something else."""
# Somebody's own credentials, when it is the first function of a pipeline whose network is used.
_FIRST_FUNCTION: Final = {Variant.EVENTS: Who.PROCESSOR}
_ROLLOUTS: Final = {
    Via.FOR_STREAM_ROLLOUT: "events-processor",
    Via.FOR_OBJECT_ROLLOUT: "events-transformer",
    Via.FOR_TABLE_ROLLOUT: "events-compactor",
    Via.FOR_SCHEDULE_ROLLOUT: "lake-ingestion",
    Via.FOR_CURATION_ROLLOUT: "lake-curation",
    Via.FOR_API_ROLLOUT: "lake-api",
}
_BUCKETS: Final = {
    Via.FOR_LANDING: "files-landing",
    Via.FOR_TAKEN_OVER_NAME: "files-landing",
    Via.FOR_RAW: "events-raw",
    Via.FOR_PROCESSED: "events-processed",
    Via.FOR_STRANGERS_RAW: "events-raw",
    Via.FOR_STRANGERS_PROCESSED: "events-processed",
    Via.FOR_LAKE_RAW: "lake-raw",
    Via.FOR_STRANGERS_LAKE_RAW: "lake-raw",
}
_TAKEN_OVER: Final = (
    *(Via.FOR_TAKEN_OVER_NAME, Via.FOR_STRANGERS_RAW, Via.FOR_STRANGERS_PROCESSED),
    Via.FOR_STRANGERS_LAKE_RAW,
)
# The key of the item that a request is about, which DynamoDB says where a request names items by their keys.
_ITEMS: Final = {On.CLAIMS: "0a1b#landing/key@version", On.PROGRESS: PROGRESS_KEY, **ITEMS}
_ITEM_ACTIONS: Final = (
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PutItem",
)
_BY: Final = (Via.BY_STREAM, Via.BY_OTHER_STREAM, Via.BY_OTHER_SERVICE)
_ONLY_WITH: Final = {
    "sts:ExternalId": "sts:AssumeRole",
    "s3:if-none-match": "s3:PutObject",
    "s3:ObjectCreationOperation": "s3:PutObject",
    "s3:x-amz-storage-class": "s3:PutObject",
    "s3:x-amz-server-side-encryption": "s3:PutObject",
    "s3:x-amz-server-side-encryption-customer-algorithm": "s3:PutObject",
}
"""The one action with which AWS sets a key."""


class Requests:
    """Makes requests of rows, for one deployment."""

    def __init__(self, deployed: Deployed, produced: Produced, variant: Variant) -> None:
        self._deployed = deployed
        self._produced = produced
        self._variant = variant
        self._things = things(deployed, produced, variant)
        self._roles = {role.name for role in deployed.all("iam/role:Role")}

    def of(self, row: Row) -> Iterator[Request]:
        """Return the requests of a row that this kind of stack must answer: each action on each resource."""
        if row.expected(self._variant) is None or not self._comes(row):
            return
        for on in row.on:
            if on in self._things:
                for action in row.does:
                    yield self._request(row, action, on)

    def _comes(self, row: Row) -> bool:
        """Tell whether such a stack has who asks, and the way."""
        there = row.who not in _ROLES or f"baler-{self._deployed.stack}-{_ROLES[row.who]}" in self._roles
        return there and not (self._variant is Variant.PUSHED and row.via in _FROM_PREMISES)

    def _request(self, row: Row, action: str, on: On) -> Request:
        thing = self._things[on]
        service = action.partition(":")[0]
        granted_everything = row.expected(self._variant) is Expected.REFUSED
        principal, identity = self._principal(row.who, granted_everything=granted_everything)
        endpoint = self._endpoint(row.via, service)
        context: dict[str, str | list[str]] = {
            **self._way(row.via, endpoint),
            **_caller(principal),
            "s3:ObjectCreationOperation": "true",
        }
        if row.via in _FROM_FUNCTION:
            part = _ROLES[row.who if row.who in _FUNCTIONS else _FIRST_FUNCTION.get(self._variant, Who.AGGREGATOR)]
            function = self._deployed.one("lambda/function:Function", part).outputs["arn"]
            context |= {"lambda:SourceFunctionArn": function, **_FROM_FUNCTION[row.via]}
        context["aws:PrincipalIsAWSService"] = str(row.who in _SERVICES).lower()
        context = {key: value for key, value in context.items() if _set_with(key, action)}
        if on in _ITEMS and action in _ITEM_ACTIONS:
            context["dynamodb:LeadingKeys"] = [_ITEMS[on]]
        at_endpoint = self._produced.named("endpoint", endpoint) if endpoint else None
        return Request(
            principal=principal,
            action=action,
            resource=thing.arn,
            account=thing.account,
            context=context,
            identity=(ADMINISTRATOR,) if Layer.ROLE in row.without else identity,
            resource_policy=OPEN_TO_ALL if Layer.RESOURCE in row.without else thing.policy,
            endpoint=(at_endpoint,) if at_endpoint and Layer.ENDPOINT not in row.without else (),
        )

    def _principal(self, who: Who, *, granted_everything: bool) -> tuple[str | None, tuple[str, ...]]:
        if who in _ROLES:
            role = self._deployed.one("iam/role:Role", _ROLES[who])
            own = self._produced.named("identity", _ROLES[who])
            also = [ADMINISTRATOR] if granted_everything else []
            return str(role.outputs["arn"]), (*([own] if own else []), *also)
        if who in _OTHERS:
            return _OTHERS[who], (ADMINISTRATOR,)
        return _SERVICES.get(who), ()

    def _endpoint(self, via: Via, service: str) -> str | None:
        """Return the part whose VPC endpoint a request passes."""
        if self._variant is Variant.OPEN:
            return None
        if via in _FROM_FUNCTION and service in _FUNCTIONS_CALL[self._variant]:
            return f"function-access-{_ENDPOINTS.get(service, service)}"
        if via in _FROM_PREMISES and service in ("s3", "sts", "dynamodb"):
            return f"files-on-premises-{service}"
        return None

    def _way(self, via: Via, endpoint: str | None) -> dict[str, str]:
        """Return what AWS says of the way that a request came."""
        if via in _FIXED:
            return dict(_FIXED[via])
        if via in _FROM_PREMISES or via in _FROM_FUNCTION:
            return {**self._network(endpoint), **_FROM_PREMISES.get(via, _TLS)}
        if via in _BY:
            return {**_ANYWHERE, **_TLS, **self._by(via)}
        if via in _BUCKETS:
            bucket = str(self._deployed.one("s3/bucket:Bucket", _BUCKETS[via]).outputs["arn"])
            owner = STRANGER if via in _TAKEN_OVER else ACCOUNT
            return {"aws:SourceArn": bucket, "aws:SourceAccount": owner, **_TLS}
        function = f"baler-{self._deployed.stack}-{_ROLLOUTS.get(via, 'files-aggregator')}"
        source = {
            Via.FOR_OTHER_BUCKET: ("arn:aws:s3:::another", ACCOUNT),
            Via.FOR_FLOW_LOG: (_flow_log(ACCOUNT), ACCOUNT),
            Via.FOR_STRANGERS_FLOW_LOG: (_flow_log(STRANGER), STRANGER),
            Via.FOR_ROLLOUT: (_rollout(ACCOUNT, function), ACCOUNT),
            **dict.fromkeys(_ROLLOUTS, (_rollout(ACCOUNT, function), ACCOUNT)),
            Via.FOR_COURIER_ROLLOUT: (_rollout(ACCOUNT, f"baler-{self._deployed.stack}-files-courier"), ACCOUNT),
            Via.FOR_OTHER_ROLLOUT: (_rollout(ACCOUNT, "another"), ACCOUNT),
            Via.FOR_STRANGERS_ROLLOUT: (_rollout(STRANGER, function), STRANGER),
            Via.FOR_SITE: (self._distribution(), ACCOUNT),
            Via.FOR_OTHER_SITE: (f"arn:aws:cloudfront::{ACCOUNT}:distribution/another", ACCOUNT),
            Via.FOR_TRAIL: (self._trail(ACCOUNT), ACCOUNT),
            Via.FOR_TRAIL_TLS_1_1: (self._trail(ACCOUNT), ACCOUNT),
            Via.FOR_TRAIL_PLAIN: (self._trail(ACCOUNT), ACCOUNT),
            Via.FOR_OTHER_TRAIL: (f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/another", ACCOUNT),
            Via.FOR_STRANGERS_TRAIL: (self._trail(STRANGER), STRANGER),
            Via.FOR_ALARM: (_alarm(ACCOUNT), ACCOUNT),
            Via.FOR_ALARM_PLAIN: (_alarm(ACCOUNT), ACCOUNT),
            Via.FOR_BUDGET: (_BUDGET, ACCOUNT),
            Via.FOR_BUDGET_PLAIN: (_BUDGET, ACCOUNT),
            Via.FOR_STRANGERS_ALARM: (_alarm(STRANGER), STRANGER),
        }[via]
        plain = via in (Via.FOR_ALARM_PLAIN, Via.FOR_BUDGET_PLAIN, Via.FOR_TRAIL_PLAIN)
        way = _PLAIN if plain else _TLS_1_1 if via is Via.FOR_TRAIL_TLS_1_1 else _TLS
        return {"aws:SourceArn": source[0], "aws:SourceAccount": source[1], **way}

    def _by(self, via: Via) -> dict[str, str]:
        """Return what KMS is told by the service that uses a key in somebody's name."""
        stream = str(self._deployed.one("kinesis/stream:Stream", "events-stream").outputs["arn"])
        service = "s3" if via is Via.BY_OTHER_SERVICE else "kinesis"
        return {
            "kms:ViaService": f"{service}.{REGION}.amazonaws.com",
            "kms:EncryptionContext:aws:kinesis:arn": f"{stream}-2" if via is Via.BY_OTHER_STREAM else stream,
        }

    def _distribution(self) -> str:
        """Return the ARN of the dashboard's, or of one that is not there."""
        found = [each.outputs["id"] for each in self._deployed.all("cloudfront/distribution:Distribution")]
        return f"arn:aws:cloudfront::{ACCOUNT}:distribution/{found[0] if found else 'none'}"

    def _trail(self, owner: str) -> str:
        return f"arn:aws:cloudtrail:{REGION}:{owner}:trail/baler-{self._deployed.stack}-access-log"

    def _network(self, endpoint: str | None) -> dict[str, str]:
        if endpoint is None:
            return dict(_ANYWHERE)
        declared = self._deployed.one("ec2/vpcEndpoint:VpcEndpoint", endpoint)
        return {
            "aws:SourceVpce": str(declared.outputs["id"]),
            "aws:SourceVpc": str(declared.inputs["vpcId"]),
            "aws:VpcSourceIp": "10.80.0.7",
        }


def _set_with(key: str, action: str) -> bool:
    """Tell whether AWS sets a key with an action."""
    if key in _ONLY_WITH:
        return action == _ONLY_WITH[key]
    service = key.partition(":")[0]
    return service not in ("s3", "kms") or action.startswith(f"{service}:")


def _flow_log(owner: str) -> str:
    return f"arn:aws:ec2:{REGION}:{owner}:vpc-flow-log/fl-7"


def _rollout(owner: str, application: str) -> str:
    return f"arn:aws:codedeploy:{REGION}:{owner}:deploymentgroup:{application}/live"


def _alarm(owner: str) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{owner}:alarm:any"


def _caller(principal: str | None) -> dict[str, str]:
    if principal is None or not principal.startswith("arn:"):
        return {}
    return {"aws:PrincipalArn": principal, "aws:PrincipalAccount": principal.split(":")[4]}
