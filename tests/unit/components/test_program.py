"""The whole program, stack by stack."""

from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from harness.recorded_program import EVENTS, EVENTS_ALONE, HTTP, required_settings

from components.blocks.naming import LONGEST_STACK_NAME
from components.settings.error import SettingsError

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

STACKS = ["local", "dev", "staging", "prod"]
DIRECT_CONNECT = "01234567-89ab-cdef-0123-456789abcdef"
EXPORTS = {
    "region",
    "version",
    "filesLandingBucket",
    "filesArchiveBucket",
    "filesDistributionBucket",
    "filesIngestQueueUrl",
    "filesDeadLetterQueueUrl",
    "filesClaimTable",
    "filesAggregatorFunction",
    "filesAggregatorLogGroup",
    "filesMailboxMonitorFunction",
    "filesMailboxMonitorLogGroup",
    "filesReconciliationFunction",
    "filesReconciliationLogGroup",
    "filesRegistrarFunction",
    "filesRegistrarLogGroup",
    "alarmTopicArn",
    "dashboard",
    "filesExternalPartyRoleArn",
    "filesConsumerRoleArn",
    "filesLandingRetentionDays",
    "filesMaxFileMegabytes",
}


EVENTS_EXPORTS = {
    f"events{output}"
    for output in (
        *("Stream", "StreamArn", "RawBucket", "ProcessedBucket", "CompactedBucket", "FailureBucket", "ResultBucket"),
        *("TransformQueueUrl", "TransformDeadLetterQueueUrl", "CompactionQueueUrl", "CompactionDeadLetterQueueUrl"),
        *("ProgressTable", "BatchTable", "Database", "Table", "Workgroup", "ProducerRoleArn"),
        *("ProcessorFunction", "ProcessorLogGroup", "ProcessorMapping", "TransformerFunction", "TransformerLogGroup"),
        *("CompactorFunction", "CompactorLogGroup", "RecoveryFunction", "RecoveryLogGroup"),
        *("SweeperFunction", "SweeperLogGroup"),
    )
}


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_deploys_the_event_stream_too_and_a_preview_declares_the_same(deploy: "Deploy", stack: str) -> None:
    previewed, deployed = deploy(stack, preview=True, settings=EVENTS), deploy(stack, settings=EVENTS)
    assert {(r.type, r.name) for r in previewed.resources} == {(r.type, r.name) for r in deployed.resources}
    assert set(previewed.exports) == set(deployed.exports) == EXPORTS | EVENTS_EXPORTS
    assert deployed.exports["eventsRawBucket"] == f"baler-{stack}-events-raw-1a2b3c4"
    assert deployed.exports["eventsDatabase"] == f"baler_{stack}_events"


def test_the_event_stream_alone_exports_nothing_of_the_files(deploy: "Deploy") -> None:
    assert set(deploy("prod", settings=EVENTS_ALONE).exports) == EVENTS_EXPORTS | {
        "region",
        "version",
        "alarmTopicArn",
        "dashboard",
    }


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_deploys_and_exports_what_its_users_need(deploy: "Deploy", stack: str) -> None:
    exports = deploy(stack).exports
    assert set(exports) == EXPORTS
    assert exports["region"] == "eu-west-2"
    assert exports["filesLandingBucket"] == f"baler-{stack}-files-landing-1a2b3c4"
    assert exports["filesDeadLetterQueueUrl"].endswith(f"/baler-{stack}-files-dead-letters-1a2b3c4")
    assert exports["filesAggregatorFunction"] == f"baler-{stack}-files-aggregator"


@pytest.mark.parametrize("line", [{"vpnGatewayAddress": "198.41.0.4"}, {"directConnectGatewayId": DIRECT_CONNECT}])
def test_a_connected_stack_also_previews_and_exports_its_endpoints(deploy: "Deploy", line: dict[str, str]) -> None:
    settings = {f"baler:{key}": value for key, value in {"onPremisesCidrs": ["192.168.0.0/16"], **line}.items()}
    previewed, deployed = deploy("prod", preview=True, settings=settings), deploy("prod", settings=settings)
    assert {(r.type, r.name) for r in previewed.resources} == {(r.type, r.name) for r in deployed.resources}
    assert set(previewed.exports) == set(deployed.exports) == EXPORTS | {"filesConsumerS3Url", "filesConsumerStsUrl"}


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_that_knows_no_outputs_declares_the_same_resources(deploy: "Deploy", stack: str) -> None:
    previewed, deployed = deploy(stack, preview=True), deploy(stack)
    assert {(r.type, r.name) for r in previewed.resources} == {(r.type, r.name) for r in deployed.resources}
    assert set(previewed.exports) == EXPORTS


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_a_stack_that_was_told_nothing_is_refused(deploy: "Deploy", stack: str) -> None:
    empty: dict[type, Any] = {str: "", list: [], bool: False}
    nothing = {key: empty[type(value)] for key, value in required_settings(stack).items()}
    with pytest.raises(SettingsError, match="baler:filesExternalPartyPrincipalArn is not set") as refusal:
        deploy(stack, settings=nothing)
    asked = {wrong.key for wrong in refusal.value.wrong}
    assert asked == {key.replace("filesConsumerOverInternet", "onPremisesCidrs") for key in nothing}


def test_a_stack_whose_name_no_bucket_could_have_is_refused_with_everything_else(
    deploy: "Deploy", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: "Dev_1")
    with pytest.raises(SettingsError) as refusal:
        deploy(
            "dev", settings={"baler:filesConsumerPrincipalArn": "", "baler:filesBatchSize": 0, "baler:filesBachSize": 1}
        )
    assert {wrong.key for wrong in refusal.value.wrong} == {
        "The stack's name",
        "baler:filesConsumerPrincipalArn",
        "baler:filesBatchSize",
        "baler:filesBachSize",
    }
    assert "The stack's name is 'Dev_1': it becomes part of bucket names" in str(refusal.value)
    assert "fix: pulumi stack rename '<name>'" in str(refusal.value)


@pytest.mark.parametrize("name", ["prod", "a", "team-1-prod", "x" * LONGEST_STACK_NAME])
def test_a_stack_may_have_any_name_that_buckets_can_have(
    deploy: "Deploy", monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: name)
    deploy("dev")


# What services take of a name (quotas of IAM, S3, SQS, Lambda, EventBridge), and what Pulumi adds to a logical one.
LONGEST_NAMES = {
    "iam/role:Role": 64,
    "s3/bucket:Bucket": 63,
    "sqs/queue:Queue": 80,
    "lambda/function:Function": 64,
    "cloudwatch/eventRule:EventRule": 64,
}
PULUMIS_SUFFIX = "-1a2b3c4"


def test_the_longest_name_of_a_stack_is_the_longest_with_which_every_name_fits(
    deploy: "Deploy", monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = "x" * LONGEST_STACK_NAME
    monkeypatch.setattr(pulumi, "get_stack", lambda: stack)
    moving = {"baler:networkCidr": "10.99.0.0/24", "baler:liveNetwork": "10.80.0.0/24"}
    deployed = deploy("prod", settings=moving)
    room = {
        (kind, resource.name): longest - len(resource.inputs.get("name") or resource.name + PULUMIS_SUFFIX)
        for kind, longest in LONGEST_NAMES.items()
        for resource in deployed.all(kind)
    }
    assert min(room.values()) == 0, room


def test_with_the_longest_name_the_parts_of_a_pushed_delivery_fit_too(
    deploy: "Deploy", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x" * LONGEST_STACK_NAME)
    deployed = deploy(
        "prod", settings={**HTTP, "baler:networkCidr": "10.99.0.0/24", "baler:liveNetwork": "10.80.0.0/24"}
    )
    for kind, longest in LONGEST_NAMES.items():
        for resource in deployed.all(kind):
            assert len(resource.inputs.get("name") or resource.name + PULUMIS_SUFFIX) <= longest, resource.name


@pytest.mark.parametrize(
    "name", ["", "x" * (LONGEST_STACK_NAME + 1), "-prod", "prod-", "Prod", "my.prod", "prod_2", "prod\n"]
)
def test_a_name_that_a_bucket_cannot_have_is_refused(
    deploy: "Deploy", monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: name)
    with pytest.raises(SettingsError, match="The stack's name is"):
        deploy("dev")


@pytest.mark.parametrize("settings", [{}, HTTP, EVENTS_ALONE], ids=["pull", "http", "events"])
def test_every_resource_belongs_to_a_component_of_ours(deploy: "Deploy", settings: dict[str, Any]) -> None:
    for resource in deploy("prod", settings=settings).resources:
        if resource.type.startswith("aws:"):
            parents_types = resource.parent.split("::")[2].split("$")
            assert parents_types[-1].startswith("baler:"), resource


@pytest.mark.parametrize("settings", [{}, HTTP, EVENTS_ALONE], ids=["pull", "http", "events"])
def test_components_are_named_after_their_module(deploy: "Deploy", settings: dict[str, Any]) -> None:
    components = [r.type for r in deploy("prod", settings=settings).resources if r.type.startswith("baler:")]
    for token in components:
        module, name = token.split(":")[1:]
        assert name == module.replace("_", " ").title().replace(" ", "")


@pytest.mark.parametrize(("protect", "keep"), [(True, True), (False, False), (False, True)])
def test_data_is_protected_and_kept_as_the_stack_says(deploy: "Deploy", *, protect: bool, keep: bool) -> None:
    deployed = deploy("dev", settings={"baler:protectData": protect, "baler:keepDataOnDestroy": keep})
    for bucket in deployed.all("s3/bucket:Bucket"):
        assert bucket.protected is protect
        assert bucket.inputs["forceDestroy"] is not keep
    table = deployed.one("dynamodb/table:Table", "files-claims")
    assert table.protected is table.inputs["deletionProtectionEnabled"] is protect


HOLDS_DATA = (
    "aws:kinesis/stream:Stream",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:s3/bucket:Bucket",
    "aws:dynamodb/table:Table",
    "aws:sqs/queue:Queue",
    "aws:secretsmanager/secret:Secret",
)
# The inputs by which a resource says whose setting, policy or notification it is.
BELONGS_BY = ("bucket", "queueUrl", "tableName", "secretArn", "databaseName")


@pytest.mark.parametrize("settings", [{}, HTTP, EVENTS_ALONE], ids=["pull", "http", "events"])
def test_where_data_is_protected_so_is_all_that_belongs_to_it(deploy: "Deploy", settings: dict[str, Any]) -> None:
    """A destroy deletes first what refers to others: it would take the guards of data before it stops at the data."""
    prod = deploy("prod", settings=settings)
    holders = {r.urn for r in prod.resources if r.type in HOLDS_DATA}
    belongings = {r.urn for r in prod.resources for key in BELONGS_BY if holders & set(r.refers.get(key, ()))}
    assert len(belongings) > len(holders) > 3
    assert [r.urn for r in prod.resources if r.urn in holders | belongings and not r.protected] == []


def test_where_data_is_protected_so_are_the_roles_that_others_know_by_name(prod: "Deployed") -> None:
    for part in ("files-external-party", "files-consumer"):
        assert prod.one("iam/role:Role", part).protected
        assert prod.one("iam/rolePolicy:RolePolicy", part).protected


def test_with_the_longest_name_the_parts_of_the_event_stream_fit_too(
    deploy: "Deploy", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x" * LONGEST_STACK_NAME)
    deployed = deploy("prod", settings=EVENTS_ALONE)
    for kind, longest in LONGEST_NAMES.items():
        for resource in deployed.all(kind):
            assert len(resource.inputs.get("name") or resource.name + PULUMIS_SUFFIX) <= longest, resource.name


@pytest.mark.parametrize("settings", [{}, HTTP, EVENTS_ALONE], ids=["pull", "http", "events"])
def test_nothing_is_protected_that_changes_of_settings_remove(deploy: "Deploy", settings: dict[str, Any]) -> None:
    """Pulumi would refuse the next update: alarms, subscriptions and the network come and go with settings."""
    kinds = ("aws:sns/", "aws:cloudwatch/", "aws:ec2/", "aws:vpc/", "aws:lambda/", "aws:codedeploy/")
    resources = deploy("prod", settings=settings).resources
    protected = [r for r in resources if r.protected and r.type.startswith(kinds)]
    # But for the one that no setting removes, and that must not be made anew: it reads the stream.
    assert [r.urn for r in protected if not r.inputs.get("startingPosition")] == []


@pytest.mark.parametrize("settings", [{}, HTTP, EVENTS_ALONE], ids=["pull", "http", "events"])
def test_a_stack_that_protects_nothing_can_be_destroyed(deploy: "Deploy", settings: dict[str, Any]) -> None:
    assert [r.urn for r in deploy("staging", settings=settings).resources if r.protected] == []


@pytest.mark.requirement("PUSH-INTEG-04")
def test_the_claim_table_has_one_key_forgets_expired_claims_and_can_be_restored(prod: "Deployed") -> None:
    table = prod.one("dynamodb/table:Table", "files-claims").inputs
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert (table["hashKey"], table["attributes"]) == ("pk", [{"name": "pk", "type": "S"}])
    assert "rangeKey" not in table
    assert table["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert table["pointInTimeRecovery"] == {"enabled": True}
