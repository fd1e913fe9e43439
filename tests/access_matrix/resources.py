"""What the resources of a row are: ARNs, and the policies attached to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.recorded_program import ACCOUNT, REGION

from access_matrix.resources_of_events import things_of_events
from access_matrix.resources_of_lake import things_of_lake
from access_matrix.thing import Thing, log_of
from access_matrix.vocabulary import On, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.recorded_program import Deployed

    from access_matrix.produced import Produced

PREFIX: Final = "acme/"
STRANGER: Final = "999900001111"
OPEN_TO_ALL: Final = "everybody is let in"

_KEYS: Final = {
    "files-landing": {
        On.LANDED_FILE: f"{PREFIX}device-7/reading.json",
        On.LANDING_STRAY: "acme2/device-7/reading.json",
    },
    "files-archive": {
        On.ARCHIVED_BUNDLE: "bundles/2026/01/02/03/bundle.tar.gz",
        On.ARCHIVED_MANIFEST: "manifests/2026/01/02/03/bundle.json",
        On.REGISTER_PAGE: "register/2026/01/02/000003.jsonl.gz",
        On.ARCHIVE_STRAY: "elsewhere/bundle.tar.gz",
    },
    "access-log": {
        On.ACCESS_RECORD: f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/01/02/record.json.gz",
        On.ACCESS_LOG_STRAY: "AWSLogs/999900001111/CloudTrail/record.json.gz",
    },
    "files-distribution": {
        On.MAILED_BUNDLE: "bundles/2026/01/02/03/bundle.tar.gz",
        On.MAILBOX_STRAY: "elsewhere/bundle.tar.gz",
        On.BUNDLE_ASIDE: "quarantine/2026/01/02/03/bundle.tar.gz",
    },
}
_BUCKETS: Final = {"files-landing": On.LANDING, "files-archive": On.ARCHIVE, "files-distribution": On.MAILBOX}
_ROLES: Final = {
    "files-aggregator": On.AGGREGATOR_ROLE,
    "files-mailbox-monitor": On.MONITOR_ROLE,
    "files-reconciliation": On.RECONCILIATION_ROLE,
    "files-registrar": On.REGISTRAR_ROLE,
    "files-courier": On.COURIER_ROLE,
    "files-external-party": On.EXTERNAL_PARTY_ROLE,
    "files-consumer": On.CONSUMER_ROLE,
    "network": On.FLOW_LOG_ROLE,
    "files-rollout": On.ROLLOUT_ROLE,
    "files-courier-rollout": On.COURIER_ROLLOUT_ROLE,
}
_EC2: Final = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


def things(deployed: Deployed, produced: Produced, variant: Variant) -> dict[On, Thing]:
    """Return the resources that a deployment has, and those beside it."""
    if variant is Variant.EVENTS:
        return {**BESIDE, **dict(of_the_network(deployed)), **things_of_events(deployed, produced)}
    if variant is Variant.LAKE:
        return {**BESIDE, **things_of_lake(deployed, produced)}
    found = dict(BESIDE)
    private = {} if variant is Variant.OPEN else {"access-log": On.ACCESS_LOG}
    for part, bucket in {**_BUCKETS, **private}.items():
        arn, policy = deployed.one("s3/bucket:Bucket", part).outputs["arn"], produced.named("bucket", part)
        found[bucket] = Thing(arn, policy)
        found |= {on: Thing(f"{arn}/{key}", policy) for on, key in _KEYS[part].items()}
    for part, on in (("files-ingest", On.INGEST), ("files-dead-letters", On.DEAD_LETTERS)):
        found[on] = Thing(deployed.one("sqs/queue:Queue", part).outputs["arn"], produced.named("queue", part))
    for role in deployed.all("iam/role:Role"):
        part = role.name.removeprefix(f"baler-{deployed.stack}-")
        found[_ROLES[part]] = Thing(role.outputs["arn"], produced.named("trust", part))
    found[On.CLAIMS] = Thing(deployed.one("dynamodb/table:Table", "files-claims").outputs["arn"])
    found[On.PROGRESS] = found[On.CLAIMS]
    found[On.ALARM_TOPIC] = Thing(
        deployed.one("sns/topic:Topic", "alarms").outputs["arn"], produced.named("topic", "alarms")
    )
    found[On.ALARM_KEY] = Thing(deployed.one("kms/key:Key", "alarms").outputs["arn"], produced.named("key", "alarms"))
    found[On.FUNCTION] = Thing(deployed.one("lambda/function:Function", "files-aggregator").outputs["arn"])
    found[On.ALIAS] = Thing(f"{found[On.FUNCTION].arn}:live")
    found[On.MAPPING] = Thing(
        deployed.one("lambda/eventSourceMapping:EventSourceMapping", "files-aggregator").outputs["arn"]
    )
    found[On.OTHER_FUNCTION] = Thing(deployed.one("lambda/function:Function", "files-mailbox-monitor").outputs["arn"])
    found[On.LOG] = log_of(deployed, "files-aggregator")
    found[On.MONITOR_LOG] = log_of(deployed, "files-mailbox-monitor")
    found[On.RECONCILIATION_LOG] = log_of(deployed, "files-reconciliation")
    found[On.REGISTRAR_LOG] = log_of(deployed, "files-registrar")
    if variant is not Variant.OPEN:
        found |= dict(of_the_network(deployed))
    return found | dict(_of_the_delivery(deployed, produced, variant))


def _of_the_delivery(deployed: Deployed, produced: Produced, variant: Variant) -> Iterator[tuple[On, Thing]]:
    if variant is not Variant.PUSHED:
        yield On.LEASE, Thing(deployed.one("dynamodb/table:Table", "files-consumer-lease").outputs["arn"])
        return
    yield On.COURIER_TABLE, Thing(deployed.one("dynamodb/table:Table", "files-courier").outputs["arn"])
    secret = deployed.one("secretsmanager/secret:Secret", "files-receiver").outputs["arn"]
    yield On.CREDENTIALS, Thing(secret, produced.named("secret", "files-receiver"))
    courier = deployed.one("lambda/function:Function", "files-courier").outputs["arn"]
    yield On.COURIER_FUNCTION, Thing(courier)
    yield On.COURIER_ALIAS, Thing(f"{courier}:live")
    yield On.COURIER_LOG, log_of(deployed, "files-courier")
    yield On.COURIER_GROUP, Thing(deployed.one("ec2/securityGroup:SecurityGroup", "files-courier").outputs["arn"])


def of_the_network(deployed: Deployed) -> Iterator[tuple[On, Thing]]:
    yield On.FLOW_LOG, log_of(deployed, "network")
    yield (
        On.FLOW_LOG_GROUP,
        Thing(f"{deployed.one('cloudwatch/logGroup:LogGroup', 'network').outputs['arn']}:log-stream:"),
    )
    for on, zone in ((On.SUBNET_A, "a"), (On.SUBNET_B, "b")):
        yield on, Thing(deployed.one("ec2/subnet:Subnet", f"network-function-{zone}").outputs["arn"])
    yield On.SECURITY_GROUP, Thing(deployed.one("ec2/securityGroup:SecurityGroup", "function-access").outputs["arn"])


BESIDE: Final = {
    On.OTHER_BUCKET: Thing("arn:aws:s3:::another"),
    On.OTHER_OBJECT: Thing("arn:aws:s3:::another/object"),
    On.STRANGERS_BUCKET: Thing("arn:aws:s3:::strangers", OPEN_TO_ALL, STRANGER),
    On.STRANGERS_OBJECT: Thing("arn:aws:s3:::strangers/object", OPEN_TO_ALL, STRANGER),
    On.OTHER_MAPPING: Thing(f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:another"),
    On.OTHER_QUEUE: Thing(f"arn:aws:sqs:{REGION}:{ACCOUNT}:another"),
    On.OTHER_CREDENTIALS: Thing(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:another-6DigIt"),
    On.STACK_PARAMETER: Thing(f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/baler/prod"),
    On.OTHER_TABLE: Thing(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/another"),
    On.OTHER_LOG: Thing(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:another:log-stream:today"),
    On.ALARM: Thing(f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:any"),
    On.OTHER_ALARM: Thing(f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:any"),
    On.OTHER_SUBNET: Thing(f"{_EC2}:subnet/another"),
    On.INTERFACE: Thing(f"{_EC2}:network-interface/eni-7"),
    On.OTHER_INTERFACE: Thing(f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/eni-7"),
    On.EVERYTHING: Thing("*"),
    On.STRANGERS_TRACES: Thing("*", account=STRANGER),
}
