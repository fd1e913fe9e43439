import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from harness import given_settings

from components.files.settings import FilesSettings
from components.network.on_premises_link import DirectConnect, VpnDevice
from components.settings.error import SettingsError
from components.settings.stack import StackSettings

PREMISES = ["192.168.0.0/16"]
MAIL = "ops@example.org"
DIRECT_CONNECT = "01234567-89ab-cdef-0123-456789abcdef"

MODELS = {"files": FilesSettings}

Read = Callable[[Mapping[str, Any]], StackSettings]


@pytest.fixture
def read(required: dict[str, Any]) -> Read:
    """Read the required settings and these."""
    return lambda settings: given_settings.read({**required, **settings}, MODELS)


def refused(read: Read, settings: Mapping[str, Any]) -> str:
    with pytest.raises(SettingsError) as refusal:
        read(settings)
    return str(refusal.value)


def files(settings: StackSettings) -> FilesSettings:
    found = settings.pipelines["files"]
    assert isinstance(found, FilesSettings)
    return found


def test_defaults_are_accepted(read: Read) -> None:
    settings = read({})
    assert (settings.shared.pipelines, settings.shared.function_architecture) == (("files",), "arm64")
    assert (files(settings).landing_retention_days, files(settings).batch_size) == (7, 100)
    assert files(settings).external_party_source_cidrs == ("203.0.113.0/24", "2001:db8::/48")


def test_values_are_read_in_their_types(read: Read) -> None:
    settings = read({"baler:filesBatchSize": "10", "baler:keepDataOnDestroy": "false", "baler:functionPython": "3.12"})
    assert files(settings).batch_size == 10
    assert (settings.shared.keep_data_on_destroy, settings.shared.function_python) == (False, "3.12")


def test_the_line_to_the_premises_is_a_vpn_or_direct_connect_or_none(read: Read) -> None:
    assert read({"baler:onPremisesCidrs": PREMISES}).shared.on_premises_line is None
    vpn = {"baler:onPremisesCidrs": PREMISES, "baler:vpnGatewayAddress": "198.41.0.4", "baler:vpnGatewayAsn": 65010}
    assert read(vpn).shared.on_premises_line == VpnDevice(address="198.41.0.4", asn=65010)
    direct = {"baler:onPremisesCidrs": PREMISES, "baler:directConnectGatewayId": DIRECT_CONNECT}
    assert read(direct).shared.on_premises_line == DirectConnect(gateway_id=DIRECT_CONNECT)


@pytest.mark.parametrize(
    ("settings", "new", "live"),
    [
        ({}, "10.80.0.0/24", "10.80.0.0/24"),
        ({"baler:privateNetwork": False, "baler:liveNetwork": "none"}, None, None),
        ({"baler:privateNetwork": False, "baler:liveNetwork": "10.80.0.0/24"}, None, "10.80.0.0/24"),
        ({"baler:liveNetwork": "none"}, "10.80.0.0/24", None),
        ({"baler:networkCidr": "10.9.0.0/24", "baler:liveNetwork": "10.80.0.0/24"}, "10.9.0.0/24", "10.80.0.0/24"),
    ],
)
def test_where_new_versions_go_and_where_the_live_one_is(
    read: Read, settings: dict[str, Any], new: str | None, live: str | None
) -> None:
    found = read(settings).shared
    assert (found.network_of_new_versions, found.network_of_live_version) == (new, live)


@pytest.mark.parametrize("change", [{"baler:privateNetwork": False}, {"baler:networkCidr": "10.9.0.0/24"}])
def test_a_network_is_not_left_before_it_is_said_where_the_live_version_is(read: Read, change: dict[str, Any]) -> None:
    message = refused(read, change)
    assert "baler:liveNetwork is not set: " in message
    assert "say where the live version is: 10.80.0.0/24 where this stack runs with the defaults" in message
    # What it proposes keeps the network in which the version may be live.
    assert message.endswith("fix: pulumi config set baler:liveNetwork 10.80.0.0/24")


def test_numbers_that_follow_are_derived(read: Read) -> None:
    settings = files(read({"baler:filesFunctionTimeoutSeconds": 10, "baler:filesBatchingWindowSeconds": 1}))
    assert settings.visibility_timeout_seconds == 61
    assert settings.claim_lifetime_seconds == 15 * 86_400


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"filesLandingRetentionDays": 0},
            "baler:filesLandingRetentionDays is '0': it must be greater than or equal to 2",
        ),
        ({"filesBatchSize": 1001}, "baler:filesBatchSize is '1001': it must be less than or equal to 1000"),
        ({"filesBatchSize": "many"}, "baler:filesBatchSize is 'many': it must be a valid integer"),
        ({"filesBatchSize": "1.5"}, "baler:filesBatchSize is '1.5': it must be a valid integer"),
        ({"filesBatchSize": ""}, "baler:filesBatchSize is not set"),
        (
            {"filesBatchSize": 11, "filesBatchingWindowSeconds": 0},
            "more than 10 only if baler:filesBatchingWindowSeconds is at least",
        ),
        ({"filesFunctionTimeoutSeconds": 19}, "it must be at most 18 with baler:filesBatchingWindowSeconds 10"),
        (
            {"filesBatchingWindowSeconds": 41},
            "baler:filesBatchingWindowSeconds is '41': it must be less than or equal to 40",
        ),
        ({"filesFunctionDiskMegabytes": 511}, "greater than or equal to 512"),
        ({"filesMaxBundleMegabytes": 500}, "baler:filesFunctionDiskMegabytes is 1024: it must be at least 1100"),
        ({"filesMaxBundleMegabytes": 99}, "it must be at least baler:filesMaxFileMegabytes, which is 100"),
        ({"filesArchiveLockDays": -1}, "greater than or equal to 0"),
        ({"filesArchiveLockMode": "FOREVER"}, "GOVERNANCE"),
        ({"filesArchiveTransitionDays": 15}, "it must be more than 15, the days that a claim lives"),
        ({"filesQueueRetentionDays": 7}, "it must be less than baler:filesLandingRetentionDays, which is 7"),
        ({"filesDeadLetterRetentionDays": 3}, "it must be at least baler:filesQueueRetentionDays, which is 4"),
        (
            {"filesFunctionTimeoutSeconds": 7, "filesBatchingWindowSeconds": 1},
            "it must be at least 8 with baler:filesBatchingWindowSeconds 1: SQS allows 1000 receives",
        ),
        ({"liveNetwork": "nowhere"}, "baler:liveNetwork is 'nowhere': it must be a network in CIDR notation"),
        ({"liveNetwork": "8.8.8.0/24"}, "it must be a network of private IPv4 addresses"),
        ({"filesMaximumConcurrency": 1}, "greater than or equal to 2"),
        ({"logRetentionDays": 31}, "baler:logRetentionDays is '31': CloudWatch Logs accepts only 1, 3, 5"),
        ({"functionArchitecture": "riscv"}, "baler:functionArchitecture is 'riscv': it must be 'arm64' or 'x86_64'"),
        ({"rollout": "canery"}, "baler:rollout is 'canery': it must be 'canary' or 'at-once'"),
        ({"logLevel": "WARNING"}, "baler:logLevel is 'WARNING': it must be 'DEBUG' or 'INFO'"),
        ({"functionPython": "3.10"}, "baler:functionPython is '3.10': it must be '3.11', '3.12' or '3.13'"),
        ({"keepDataOnDestroy": "perhaps"}, "baler:keepDataOnDestroy is 'perhaps': it must be a valid boolean"),
        (
            {"onPremisesCidrs": ["192.168.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]},
            "it names 192.168.0.0/16 twice.\n    fix: pulumi config rm --path 'baler:onPremisesCidrs[2]'",
        ),
        (
            {"alarmSubscriptions": ["ops@example.org", "ops@example.org"]},
            "it names ops@example.org twice.\n    fix: pulumi config rm --path 'baler:alarmSubscriptions[1]'",
        ),
        ({"filesExternalPartySourceCidrs": ["0.0.0.0/0"]}, "/0 is the whole internet"),
        ({"filesExternalPartySourceCidrs": ["::/0"]}, "/0 is the whole internet"),
        ({"filesExternalPartySourceCidrs": ["203.0.113.7/24"]}, "has host bits set"),
        (
            {"filesExternalPartySourceCidrs": "203.0.113.0/24"},
            "baler:filesExternalPartySourceCidrs is '203.0.113.0/24': ",
        ),
        ({"filesExternalPartySourceCidrs": []}, "baler:filesExternalPartySourceCidrs is not set"),
        ({"filesExternalPartyPrincipalArn": "*"}, "it must be the ARN of one role, user or account root"),
        ({"filesConsumerPrincipalArn": "arn:aws:iam::111122223333:role/*"}, "without wildcards"),
        ({"filesConsumerPrincipalArn": "arn:aws:s3:::a-bucket"}, "it must be the ARN of one role"),
        ({"operatorPrincipalArns": ["arn:aws:iam::111122223333:root"]}, "for the root user alone: name a role or user"),
        ({"operatorPrincipalArns": ["*"]}, "baler:operatorPrincipalArns[0] is '*': it must be the ARN of one role"),
        ({"filesExternalPartyPrefix": "meters"}, "with a slash at the end and none in front"),
        ({"filesExternalPartyPrefix": "/meters/"}, "with a slash at the end and none in front"),
        ({"filesExternalPartyPrefix": "met*/"}, "it must be letters, digits and"),
        ({"filesExternalPartyPrefix": "${aws:username}/"}, "it must be letters, digits and"),
        (
            {"alarmSubscriptions": ["ops"]},
            "baler:alarmSubscriptions[0] is 'ops': it must be an e-mail address, an https:",
        ),
        ({"alarmSubscriptions": ["http://example.org/"]}, "it must be an e-mail address, an https:// address"),
        ({"alarmSubscriptions": ["https://user@example.org/"]}, "without a password"),
        ({"alarmSubscriptions": ["arn:aws:sns:eu-west-2:111122223333:topic"]}, "or the ARN of an SQS queue"),
        ({"alarmSubscriptions": ["arn:aws:sqs:eu-west-2:111122223333:queue.fifo"]}, "or the ARN of an SQS queue"),
        ({"alarmSubscriptions": "ops@example.org"}, "baler:alarmSubscriptions is 'ops@example.org': "),
        ({"pageSubscriptions": ["tel:999"]}, "baler:pageSubscriptions[0] is 'tel:999': it must be an e-mail address"),
        ({"filesExpectedPerSecond": 0}, "greater than or equal to 1"),
        ({"filesMailboxWaitSeconds": 9}, "greater than or equal to 10"),
        ({"monthlyBudgetDollars": -1}, "greater than or equal to 0"),
        ({"vpnGatewayAddress": "10.0.0.1"}, "it must be a public address"),
        ({"vpnGatewayAddress": "vpn.example.com"}, "it must be an IPv4 address"),
        ({"vpnGatewayAddress": "198.41.0.4"}, "baler:onPremisesCidrs is not set: baler:vpnGatewayAddress leads to the"),
        ({"vpnGatewayAddress": "198.41.0.4", "onPremisesCidrs": []}, "so it must name their networks"),
        ({"protectData": True}, "baler:alarmSubscriptions is not set: baler:protectData is true, and nobody is told"),
        ({"protectData": True}, "baler:pageSubscriptions is not set: baler:protectData is true, and nobody is called"),
        ({"protectData": True}, "baler:onPremisesCidrs is not set: baler:protectData is true, and without it the"),
        (
            {"protectData": True},
            "over the internet. If it may: pulumi config set baler:filesConsumerOverInternet true.",
        ),
        ({"protectData": True, "alarmSubscriptions": [MAIL]}, "baler:pageSubscriptions is not set"),
        ({"protectData": True, "pageSubscriptions": [MAIL]}, "baler:alarmSubscriptions is not set"),
        ({"vpnGatewayAsn": 64512}, "it must not be the number of AWS's side"),
        ({"vpnGatewayAsn": 0}, "greater than or equal to 1"),
        ({"directConnectGatewayId": "dxgw-1"}, "the id of a Direct Connect gateway, which is a UUID"),
        ({"directConnectGatewayId": DIRECT_CONNECT}, "baler:directConnectGatewayId leads to the premises"),
        (
            {"directConnectGatewayId": DIRECT_CONNECT, "vpnGatewayAddress": "198.41.0.4", "onPremisesCidrs": PREMISES},
            "there is a VPN already, and baler:vpnGatewayAddress is its device: keep one of the two",
        ),
        ({"onPremisesCidrs": ["0.0.0.0/0"]}, "/0 is the whole internet"),
        ({"onPremisesCidrs": ["fd00::/8"]}, "it must be an IPv4 network"),
        ({"onPremisesCidrs": PREMISES, "privateNetwork": False}, "it needs the private network"),
        (
            {"onPremisesCidrs": ["10.0.0.0/8"]},
            "baler:networkCidr is '10.80.0.0/24': it overlaps 10.0.0.0/8 of baler:on",
        ),
        ({"networkCidr": "10.0.0.0/15"}, "it must be between a /16 and a /25"),
        ({"networkCidr": "10.0.0.0/26"}, "it must be between a /16 and a /25"),
        ({"networkCidr": "8.8.0.0/16"}, "it must be a network of private IPv4 addresses"),
        ({"networkCidr": "fd00::/16"}, "it must be a network of private IPv4 addresses"),
        ({"networkCidr": "10.80.0.1/24"}, "has host bits set"),
        ({"networkZones": "a"}, "the letters of 2 to 4 different zones"),
        ({"networkZones": "aa"}, "the letters of 2 to 4 different zones"),
        ({"networkZones": "abcde"}, "the letters of 2 to 4 different zones"),
        ({"networkZones": "AB"}, "the letters of 2 to 4 different zones"),
        (
            {"filesConsumerPrincipalArn": ""},
            "baler:filesConsumerPrincipalArn is not set: it says who may",
        ),
        (
            {"filesConsumerPrincipalArn": None},
            "baler:filesConsumerPrincipalArn is not set: it says who may",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_the_reason(
    read: Read, settings: dict[str, Any], message: str
) -> None:
    assert message in refused(read, {f"baler:{key}": value for key, value in settings.items()})


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        ({"baler:filesFunctionTimeoutSeconds": 60}, "pulumi config set baler:filesFunctionTimeoutSeconds 18"),
        ({"baler:filesBatchSize": 5000}, "pulumi config set baler:filesBatchSize 1000"),
        ({"baler:filesBatchSize": "many"}, "pulumi config set baler:filesBatchSize 100"),
        ({"baler:keepDataOnDestroy": "perhaps"}, "pulumi config set baler:keepDataOnDestroy true"),
        ({"baler:logRetentionDays": 31}, "pulumi config set baler:logRetentionDays 60"),
        (
            {"baler:filesConsumerPrincipalArn": ""},
            "pulumi config set baler:filesConsumerPrincipalArn 'arn:aws:iam::<account id>:role/<name>'",
        ),
        (
            {"baler:filesExternalPartySourceCidrs": ["198.51.100.0/24", "0.0.0.0/0"]},
            "pulumi config set --path 'baler:filesExternalPartySourceCidrs[1]' '<network>/<bits>'",
        ),
        (
            {"baler:filesExternalPartySourceCidrs": []},
            "pulumi config set --path 'baler:filesExternalPartySourceCidrs[0]' '<network>/<bits>'",
        ),
        ({"baler:filesBachSize": 5}, "pulumi config rm baler:filesBachSize"),
        ({"baler:vpnGatewayAsn": 64512}, "pulumi config set baler:vpnGatewayAsn 65000"),
        ({"baler:onPremisesCidrs": ["10.0.0.0/8"]}, "pulumi config set baler:networkCidr 172.28.80.0/24"),
        ({"baler:networkZones": "a"}, "pulumi config set baler:networkZones ab"),
        (
            {"baler:vpnGatewayAddress": "198.41.0.4", "baler:onPremisesCidrs": []},
            "pulumi config set --path 'baler:onPremisesCidrs[0]' '<network>/<bits>'",
        ),
        (
            {"baler:onPremisesCidrs": PREMISES, "baler:privateNetwork": False, "baler:liveNetwork": "none"},
            "pulumi config rm baler:onPremisesCidrs",
        ),
        (
            {"baler:protectData": True, "baler:filesConsumerOverInternet": True, "baler:pageSubscriptions": [MAIL]},
            "pulumi config set --path 'baler:alarmSubscriptions[0]' '<e-mail address>'",
        ),
        (
            {"baler:protectData": True, "baler:filesConsumerOverInternet": True, "baler:alarmSubscriptions": [MAIL]},
            "pulumi config set --path 'baler:pageSubscriptions[0]' '<e-mail address>'",
        ),
        (
            {"baler:protectData": True, "baler:alarmSubscriptions": [MAIL], "baler:pageSubscriptions": [MAIL]},
            "pulumi config set --path 'baler:onPremisesCidrs[0]' '<network>/<bits>'",
        ),
    ],
)
def test_a_refusal_tells_the_command_that_repairs_it(read: Read, settings: dict[str, Any], command: str) -> None:
    assert f"fix: {command}" in refused(read, settings).splitlines()[-1]


@pytest.mark.parametrize(
    "settings",
    [
        {"filesFunctionTimeoutSeconds": 60},
        {"filesArchiveTransitionDays": 1},
        {"filesMaxFileMegabytes": 800},
        {"filesBatchSize": 50, "filesBatchingWindowSeconds": 0},
        {"filesQueueRetentionDays": 14},
        {"filesDeadLetterRetentionDays": 1},
        {"filesBatchingWindowSeconds": 40, "filesFunctionTimeoutSeconds": 9},
    ],
)
def test_obeying_the_refusals_ends_in_accepted_settings(read: Read, settings: dict[str, Any]) -> None:
    given: dict[str, Any] = {f"baler:{key}": value for key, value in settings.items()}
    message = refused(read, given)
    for _ in range(3):
        given |= dict(re.findall(r"pulumi config set (\S+) (\S+)", message))
        try:
            read(given)
        except SettingsError as error:
            message = str(error)
        else:
            return
    pytest.fail(message)


@pytest.mark.parametrize("way_in", [{"baler:onPremisesCidrs": PREMISES}, {"baler:filesConsumerOverInternet": True}])
def test_a_stack_that_protects_its_data_is_accepted_once_it_says_who_hears_of_it_and_how_the_consumer_comes_in(
    read: Read, way_in: dict[str, Any]
) -> None:
    said = {"baler:protectData": True, "baler:alarmSubscriptions": [MAIL], "baler:pageSubscriptions": [MAIL]}
    assert read({**said, **way_in}).shared.protect_data


def test_a_stack_whose_data_may_be_lost_is_asked_for_none_of_it(read: Read) -> None:
    assert not read({}).shared.alarm_subscriptions


def test_everything_wrong_is_reported_at_once(read: Read) -> None:
    message = refused(
        read,
        {
            "baler:filesConsumerPrincipalArn": "",
            "baler:filesBatchSize": "many",
            "baler:filesFunctionTimeoutSeconds": 60,
            "baler:filesExternalPartySourceCidrs": ["0.0.0.0/0", "nonsense"],
            "baler:filesBachSize": 5,
        },
    )
    for key in (
        "baler:filesConsumerPrincipalArn is not set",
        "baler:filesBatchSize is 'many'",
        "baler:filesFunctionTimeoutSeconds is '60'",
        "baler:filesExternalPartySourceCidrs[0] is '0.0.0.0/0'",
        "baler:filesExternalPartySourceCidrs[1] is 'nonsense'",
        "baler:filesBachSize is not a setting",
    ):
        assert key in message
    assert message.startswith("Stack 'dev' cannot be deployed")


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(read: Read) -> None:
    assert "Did you mean baler:filesFunctionTimeoutSeconds?" in refused(read, {"baler:filesFunctionTimoutSeconds": 20})


def test_an_unknown_key_in_the_environment_of_the_cli_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"baler:protectDate": "true", "aws:region": "eu-west-2"}))
    message = refused(read, {})
    assert "Did you mean baler:protectData?" in message
    assert "aws:region" not in message


def test_keys_of_others_are_none_of_our_business(read: Read) -> None:
    assert files(read({"aws:region": "eu-west-2", "balerium:filesBatchSize": "1"})).batch_size == 100


def test_a_secret_value_is_not_shown(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "baler:filesConsumerPrincipalArn".__eq__
    monkeypatch.setattr(pulumi.runtime, "is_config_secret", secret)
    message = refused(read, {"baler:filesConsumerPrincipalArn": "hunter2"})
    assert "hunter2" not in message
    assert "baler:filesConsumerPrincipalArn is [secret]" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("baler:filesExternalPartySourceCidrs", ["hunter2"]),
        ("baler:alarmSubscriptions", ["ops@example.org", "hunter2"]),
        ("baler:filesExternalPartyPrefix", "hunter2"),
        ("baler:operatorPrincipalArns", "hunter2"),
    ],
)
def test_no_reason_shows_a_secret_value(
    read: Read, monkeypatch: pytest.MonkeyPatch, key: str, value: str | list[str]
) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_config_secret", key.__eq__)
    message = refused(read, {key: value})
    assert key in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("baler:filesBatchSize", "pulumi config set --plaintext baler:filesBatchSize '<value>'"),
        ("baler:onPremisesCidrs", "pulumi config set --plaintext --path 'baler:onPremisesCidrs[0]' '<value>'"),
    ],
)
def test_a_secret_that_could_not_be_kept_is_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch, key: str, fix: str
) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_config_secret", key.__eq__)
    message = refused(read, {})
    assert f"{key} is set with --secret, and cannot be kept secret" in message
    assert message.endswith(f"fix: {fix}")


def test_the_refusal_is_one_that_pulumi_prints_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError)
