"""What a stack says of the courier and its receiver, and what it may not say."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from harness import given_settings
from harness.recorded_program import HTTP, S3

from components.files.settings import FilesSettings
from components.settings.error import SettingsError
from components.settings.stack import StackSettings

MAIL = "ops@example.org"
DIRECT_CONNECT = "01234567-89ab-cdef-0123-456789abcdef"

Read = Callable[[Mapping[str, Any]], StackSettings]


@pytest.fixture
def read(required: dict[str, Any]) -> Read:
    """Read the required settings and these."""
    return lambda settings: given_settings.read({**required, **settings}, {"files": FilesSettings})


def refused(read: Read, settings: Mapping[str, Any]) -> str:
    with pytest.raises(SettingsError) as refusal:
        read(settings)
    return str(refusal.value)


def files(settings: StackSettings) -> FilesSettings:
    found = settings.pipelines["files"]
    assert isinstance(found, FilesSettings)
    return found


def pushed(required: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The required settings without the consumer's, and these."""
    return {**required, "baler:filesConsumerPrincipalArn": None, **settings}


@pytest.mark.parametrize("settings", [HTTP, S3], ids=["http", "s3"])
def test_a_stack_that_pushes_names_its_receiver_and_no_consumer(
    read: Read, required: dict[str, Any], settings: dict[str, Any]
) -> None:
    found = files(read(pushed(required, settings)))
    assert found.is_pushed
    assert (found.receiver_address, found.consumer_principal_arn) == ("10.20.30.40", "")
    assert found.receiver_port == (8443 if settings is HTTP else 9000)
    assert (found.credentials_grace_seconds, found.receipt_lifetime_seconds) == (300, 2555 * 86_400)


@pytest.mark.parametrize(
    ("delivery", "settings", "message"),
    [
        (HTTP, {"filesReceiverUrl": ""}, "baler:filesReceiverUrl is not set: the courier takes bundles to a receiver"),
        (HTTP, {"filesReceiverAddress": ""}, "baler:filesReceiverAddress is not set: the courier takes bundles to a"),
        (S3, {"filesReceiverBucket": ""}, "baler:filesReceiverBucket is not set: the store's bucket must be named"),
        (HTTP, {"filesReceiverUrl": "http://nifi/"}, "it must begin with https://: nothing is sent without TLS"),
        (HTTP, {"filesReceiverUrl": "nifi.example.org"}, "it must begin with https://"),
        (HTTP, {"filesReceiverUrl": "https://a:b@nifi/"}, "it must have no user, password, query or fragment"),
        (HTTP, {"filesReceiverUrl": "https://nifi/?token=1"}, "it must have no user, password, query or fragment"),
        (HTTP, {"filesReceiverUrl": "https://nifi/#there"}, "it must have no user, password, query or fragment"),
        (HTTP, {"filesReceiverUrl": "https://nifi:0/"}, "it must name a port above 0"),
        (HTTP, {"filesReceiverUrl": "https://nifi:70000/"}, "it must be a URL ("),
        (HTTP, {"filesReceiverUrl": "https:///listener"}, "it must name the receiver by a name, or by an IPv4 address"),
        (HTTP, {"filesReceiverUrl": "https://ni_fi/"}, "it must name the receiver by a name, or by an IPv4 address"),
        (HTTP, {"filesReceiverUrl": "https://[fd00::1]/"}, "it must name the receiver by a name, or by an IPv4"),
        (HTTP, {"filesReceiverUrl": "https://nifi/a b"}, "its path may have letters, digits and /._~- alone"),
        (HTTP, {"filesReceiverUrl": "https://nifi/" + "a" * 512}, "it may have 512 characters"),
        (HTTP, {"filesReceiverUrl": "https://nifi/a\n"}, "all of them printable ASCII"),
        (HTTP, {"filesReceiverUrl": "https://nifi/ä"}, "all of them printable ASCII"),
        (
            HTTP,
            {"filesReceiverUrl": "https://10.20.30.41/"},
            "names another address, 10.20.30.41",
        ),
        (
            S3,
            {"filesReceiverUrl": "https://store/bucket"},
            "it must have no path: the bucket is baler:files",
        ),
        (HTTP, {"filesReceiverAddress": "nifi.example.org"}, "it must be an IPv4 address"),
        (HTTP, {"filesReceiverAddress": "fd00::1"}, "it must be an IPv4 address"),
        (HTTP, {"filesReceiverAddress": "169.254.169.254"}, "it must be the address of one machine"),
        (HTTP, {"filesReceiverAddress": "0.0.0.0"}, "it must be the address of one machine"),  # noqa: S104
        (HTTP, {"filesReceiverAddress": "224.0.0.1"}, "it must be the address of one machine"),
        (HTTP, {"filesReceiverAddress": "255.255.255.255"}, "it must be the address of one machine"),
        (
            HTTP,
            {"filesReceiverAddress": "10.21.0.1"},
            "it must lie within baler:onPremisesCidrs, which is 10.20",
        ),
        (
            HTTP,
            {"filesReceiverAddress": "10.80.0.7", "onPremisesCidrs": [], "vpnGatewayAddress": ""},
            "it lies within the private network itself, baler:networkCidr 10.80.0.0/24",
        ),
        (
            HTTP,
            {"filesReceiverAddress": "127.0.0.1", "onPremisesCidrs": [], "vpnGatewayAddress": ""},
            "it is the function's own: a receiver is on the premises",
        ),
        (S3, {"filesReceiverBucket": "Bundles"}, "it must be the name of a bucket"),
        (S3, {"filesReceiverBucket": "ab"}, "it must be the name of a bucket"),
        (S3, {"filesReceiverPrefix": "landing"}, "with a slash at the end and none in front"),
        (S3, {"filesReceiverRegion": "US East"}, "it must be the name of a region"),
        (S3, {"filesReceiverChecksums": "always"}, "it must be 'when-required' or 'when-supported'"),
        (HTTP, {"filesReceiverBucket": "bundles"}, "it does nothing with baler:filesDelivery http, which is not s3"),
        (HTTP, {"filesReceiverVerifyByRead": True}, "it does nothing with baler:filesDelivery http, which is not s3"),
        (
            HTTP,
            {"filesConsumerPrincipalArn": "arn:aws:iam::111122223333:user/on-premises"},
            "which is not pull.\n    fix: pulumi config rm baler:filesConsumerPrincipalArn",
        ),
        (HTTP, {"filesConsumerStandby": True}, "it does nothing with baler:filesDelivery http, which is not pull"),
        (S3, {"filesConsumerOverInternet": True}, "it does nothing with baler:filesDelivery s3, which is not pull"),
        (HTTP, {"filesDelivery": "https"}, "baler:filesDelivery is 'https': it must be 'pull', 'http' or 's3'"),
        (HTTP, {"filesSendTimeoutSeconds": 0}, "greater than or equal to 1"),
        (HTTP, {"filesSendTimeoutSeconds": 61}, "less than or equal to 60"),
        (
            HTTP,
            {"filesSendTimeoutSeconds": 41},
            "at most 40 with baler:filesBatchingWindowSeconds 10 and baler:filesFunctionTimeoutSeconds 18: a bundle",
        ),
        (
            HTTP,
            {"filesSendTimeoutSeconds": 41},
            "acknowledged after up to 181 seconds, and the objective is 180",
        ),
        (
            HTTP,
            {"filesSendTimeoutSeconds": 41},
            "is 180.\n    fix: pulumi config set baler:filesSendTimeoutSeconds 40",
        ),
        (HTTP, {"filesFailuresToOpen": 1}, "greater than or equal to 2"),
        (HTTP, {"filesFailuresToOpen": 101}, "less than or equal to 100"),
        (HTTP, {"filesProbeIntervalSeconds": 4}, "greater than or equal to 5"),
        (HTTP, {"filesProbeIntervalSeconds": 61}, "less than or equal to 60"),
        (HTTP, {"filesParallelSends": 0}, "greater than or equal to 1"),
        (HTTP, {"filesParallelSends": 17}, "less than or equal to 16"),
        (HTTP, {"filesRefusalTries": 0}, "greater than or equal to 1"),
        (HTTP, {"filesRefusalTries": 101}, "less than or equal to 100"),
        (HTTP, {"filesCredentialsGraceMinutes": 0}, "greater than or equal to 1"),
        (HTTP, {"filesCredentialsGraceMinutes": 61}, "less than or equal to 60"),
        (HTTP, {"filesCredentialsMaxAgeDays": 0}, "greater than or equal to 1"),
        (HTTP, {"filesCredentialsMaxAgeDays": 3651}, "less than or equal to 3650"),
        (HTTP, {"filesReceiptRetentionDays": 29}, "greater than or equal to 30"),
        (HTTP, {"filesReceiptRetentionDays": 36_501}, "less than or equal to 36500"),
        (HTTP, {"filesCourierMemoryMegabytes": 127}, "greater than or equal to 128"),
        (HTTP, {"filesCourierMemoryMegabytes": 10_241}, "less than or equal to 10240"),
        (HTTP, {"tableKey": "ours"}, "baler:tableKey is 'ours': it must be 'aws-owned' or 'aws-managed'"),
    ],
)
def test_what_a_courier_could_not_work_with_is_refused_with_its_key_and_the_reason(
    read: Read, required: dict[str, Any], delivery: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    given = {**delivery, **{f"baler:{key}": value for key, value in settings.items()}}
    assert message in refused(read, pushed(required, given))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("filesReceiverUrl", "https://nifi/"),
        ("filesReceiverAddress", "10.20.30.40"),
        ("filesReceiverBucket", "bundles"),
        ("filesReceiverPrefix", "landing/"),
        ("filesReceiverRegion", "eu-west-2"),
        ("filesReceiverPathStyle", False),
        ("filesReceiverConditionalPuts", False),
        ("filesReceiverVerifyByRead", True),
        ("filesReceiverChecksums", "when-supported"),
        ("filesSendTimeoutSeconds", 20),
        ("filesFailuresToOpen", 5),
        ("filesProbeIntervalSeconds", 60),
        ("filesParallelSends", 2),
        ("filesRefusalTries", 5),
        ("filesCredentialsGraceMinutes", 10),
        ("filesCredentialsMaxAgeDays", 30),
        ("filesReceiptRetentionDays", 365),
        ("filesCourierMemoryMegabytes", 1024),
    ],
)
def test_what_a_courier_alone_has_is_refused_where_a_consumer_comes_and_its_default_is_not(
    read: Read, key: str, value: Any
) -> None:
    message = refused(read, {f"baler:{key}": value})
    assert f"baler:{key} is " in message
    assert "it does nothing with baler:filesDelivery pull" in message
    assert message.endswith(f"fix: pulumi config rm baler:{key}")
    field = next(field for field in FilesSettings.model_fields.values() if field.alias == key)
    # The Pulumi CLI gives a program the defaults, whoever set them.
    assert read({f"baler:{key}": field.default})


PROTECTED = {"baler:protectData": True, "baler:alarmSubscriptions": [MAIL], "baler:pageSubscriptions": [MAIL]}


WITHOUT_A_NETWORK: dict[str, bool | str | list[str]] = {
    "baler:privateNetwork": False,
    "baler:liveNetwork": "none",
    "baler:onPremisesCidrs": [],
    "baler:vpnGatewayAddress": "",
}


@pytest.mark.parametrize("delivery", [HTTP, S3], ids=["http", "s3"])
def test_what_is_protected_begins_its_way_in_the_private_network(
    read: Read, required: dict[str, Any], delivery: dict[str, Any]
) -> None:
    told = refused(read, {**pushed(required, delivery), **PROTECTED, **WITHOUT_A_NETWORK})
    assert "baler:privateNetwork is false: baler:protectData is true and baler:filesDelivery" in told
    assert "fix: pulumi config set baler:privateNetwork true" in told


@pytest.mark.parametrize("delivery", [HTTP, S3], ids=["http", "s3"])
def test_what_is_protected_goes_over_a_private_line_alone(
    read: Read, required: dict[str, Any], delivery: dict[str, Any]
) -> None:
    told = refused(read, {**pushed(required, delivery), **PROTECTED, "baler:vpnGatewayAddress": ""})
    assert "baler:vpnGatewayAddress is not set: baler:protectData is true and baler:filesDelivery" in told
    assert "If it is a Direct Connect: pulumi config set baler:directConnectGatewayId '<gateway id>'." in told
    assert told.endswith("fix: pulumi config set baler:vpnGatewayAddress '<address>'")


@pytest.mark.parametrize(
    "line", [{"baler:vpnGatewayAddress": "198.41.0.4"}, {"baler:directConnectGatewayId": DIRECT_CONNECT}]
)
def test_a_protected_stack_with_a_line_may_push(read: Read, required: dict[str, Any], line: dict[str, str]) -> None:
    given = {**pushed(required, HTTP), **PROTECTED, "baler:vpnGatewayAddress": "", **line}
    assert files(read(given)).is_pushed


def test_a_stack_whose_data_may_be_lost_may_push_over_the_internet(read: Read, required: dict[str, Any]) -> None:
    nowhere = {"baler:privateNetwork": False, "baler:liveNetwork": "none"}
    settings = {key: value for key, value in HTTP.items() if "files" in key}
    assert files(read({**pushed(required, settings), **nowhere, "baler:filesReceiverAddress": "127.0.0.1"})).is_pushed


def test_an_address_in_the_url_is_the_one_that_is_dialled(read: Read, required: dict[str, Any]) -> None:
    given = {**HTTP, "baler:filesReceiverUrl": "https://10.20.30.40:8443/contentListener"}
    assert files(read(pushed(required, given))).receiver_port == 8443


@pytest.mark.parametrize("window", [0, 10, 40])
def test_obeying_the_refusal_of_a_send_timeout_ends_in_accepted_settings(
    read: Read, required: dict[str, Any], window: int
) -> None:
    batch = {"baler:filesBatchingWindowSeconds": window, "baler:filesBatchSize": 10}
    given = pushed(required, {**HTTP, **batch, "baler:filesFunctionTimeoutSeconds": 8})
    message = refused(read, {**given, "baler:filesSendTimeoutSeconds": 60})
    (longest,) = re.findall(r"pulumi config set baler:filesSendTimeoutSeconds (\d+)", message)
    assert read({**given, "baler:filesSendTimeoutSeconds": longest})
    assert refused(read, {**given, "baler:filesSendTimeoutSeconds": int(longest) + 1})
