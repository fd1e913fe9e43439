"""The words of the table: who, on what, from where, and what is expected. Their values are what a reader sees."""

from __future__ import annotations

from enum import StrEnum


class Variant(StrEnum):
    """The two kinds of stacks."""

    OPEN = "open"
    """No private network: `dev` as it comes."""

    PRIVATE = "private"
    """A private network with an endpoint for the premises: `prod` as it is meant."""


class Who(StrEnum):
    """Who makes a request."""

    AGGREGATOR = "the aggregator"
    MONITOR = "the mailbox monitor"
    EXTERNAL_PARTY = "the external party's role"
    CONSUMER = "the consumer's role"
    FLOW_LOG_WRITER = "the flow logs' role"
    OPERATOR = "an operator"
    ADMINISTRATOR = "an administrator of our account who is no operator"
    STRANGER = "an administrator of another account"
    ANYBODY = "anybody, without credentials"
    THEIR_UPLOADER = "the external party's principal"
    THEIR_COLLEAGUE = "another principal of the external party"
    OUR_COLLECTOR = "the on-premises principal"
    OUR_COLLEAGUE = "another principal of our account"
    S3 = "the service S3"
    SNS = "the service SNS"
    CLOUDWATCH = "the service CloudWatch"
    BUDGETS = "the service Budgets"
    LAMBDA = "the service Lambda"
    FLOW_LOGS = "the service VPC flow logs"
    EC2 = "the service EC2"


class On(StrEnum):
    """What a request is about."""

    LANDED_FILE = "a landed file"
    LANDING_STRAY = "a landing key outside the external party's prefix"
    LANDING = "the landing bucket"
    ARCHIVED_BUNDLE = "a bundle in the archive"
    ARCHIVED_MANIFEST = "a manifest in the archive"
    ARCHIVE_STRAY = "another key of the archive"
    ARCHIVE = "the archive bucket"
    MAILED_BUNDLE = "a bundle in the mailbox"
    MAILBOX_STRAY = "another key of the mailbox"
    MAILBOX = "the mailbox"
    OTHER_OBJECT = "an object of another bucket of ours"
    OTHER_BUCKET = "another bucket of ours"
    STRANGERS_OBJECT = "an object of a stranger's bucket that lets everybody in"
    STRANGERS_BUCKET = "a stranger's bucket that lets everybody in"
    CLAIMS = "the claim table"
    OTHER_TABLE = "another table"
    INGEST = "the ingest queue"
    DEAD_LETTERS = "the dead-letter queue"
    OTHER_QUEUE = "another queue of ours"
    ALARM_TOPIC = "the topic of the alarms"
    ALARM_KEY = "the key of the topic"
    LOG = "the function's log"
    MONITOR_LOG = "the monitor's log"
    FLOW_LOG = "the network's log"
    FLOW_LOG_GROUP = "the group of the network's log"
    OTHER_LOG = "another log"
    FUNCTION = "the function"
    SUBNET_A = "the function's subnet in zone a"
    SUBNET_B = "the function's subnet in zone b"
    SECURITY_GROUP = "the function's security group"
    OTHER_SUBNET = "another subnet"
    INTERFACE = "a network interface"
    OTHER_INTERFACE = "a network interface in another region"
    AGGREGATOR_ROLE = "the aggregator's role"
    MONITOR_ROLE = "the monitor's role"
    EXTERNAL_PARTY_ROLE = "the external party's role"
    CONSUMER_ROLE = "the consumer's role"
    FLOW_LOG_ROLE = "the flow logs' role"
    EVERYTHING = "no resource in particular"
    STRANGERS_TRACES = "the traces of a stranger's account"


class Via(StrEnum):
    """Where a request comes from, and how. TLS 1.3 where nothing is said."""

    FUNCTION = "from the function"
    FUNCTION_OVERWRITING = "from the function, if the key is free or not"
    LAMBDA = "from Lambda, for the function"
    PREMISES = "from the premises"
    PREMISES_TLS_1_1 = "from the premises, TLS 1.1"
    PREMISES_PLAIN = "from the premises, without TLS"
    THEIR_NETWORK = "from the external party's network"
    THEIR_IPV6_NETWORK = "from the external party's IPv6 network"
    THEIR_NETWORK_TLS_1_2 = "from the external party's network, TLS 1.2"
    THEIR_NETWORK_TLS_1_1 = "from the external party's network, TLS 1.1"
    THEIR_NETWORK_PLAIN = "from the external party's network, without TLS"
    INTERNET = "from the internet"
    INTERNET_TLS_1_1 = "from the internet, TLS 1.1"
    INTERNET_PLAIN = "from the internet, without TLS"
    STRANGERS_ENDPOINT = "through a stranger's VPC endpoint"
    EXTERNAL_ID = "naming the external id"
    WRONG_EXTERNAL_ID = "naming another external id"
    NO_EXTERNAL_ID = "naming no external id"
    FOR_LANDING = "about the landing bucket"
    FOR_OTHER_BUCKET = "about another bucket of ours"
    FOR_TAKEN_OVER_NAME = "about a bucket of that name in another account"
    FOR_FLOW_LOG = "about a flow log of ours"
    FOR_STRANGERS_FLOW_LOG = "about a flow log of another account"
    FOR_ALARM = "about an alarm of ours"
    FOR_ALARM_PLAIN = "about an alarm of ours, without TLS"
    FOR_BUDGET = "about a budget of ours"
    FOR_BUDGET_PLAIN = "about a budget of ours, without TLS"
    FOR_STRANGERS_ALARM = "about an alarm of another account"
    IF_NEW = "from the internet, if the key is free"
    AS_STANDARD = "from the external party's network, storage class STANDARD"
    AS_GLACIER = "from the external party's network, storage class GLACIER"
    WITH_SSE_S3 = "from the external party's network, encrypted with AES256 (SSE-S3)"
    WITH_SSE_KMS = "from the external party's network, encrypted with a KMS key"
    WITH_SSE_C = "from the external party's network, encrypted with a key that comes along (SSE-C)"


class Layer(StrEnum):
    """A policy that is supposed lost: replaced by one that allows everything, so that the others stand alone."""

    ROLE = "its own policy"
    RESOURCE = "the resource's policy"
    ENDPOINT = "the endpoint's policy"


class Expected(StrEnum):
    """What the policies must answer."""

    ALLOWED = "yes"
    NOT_GRANTED = "no"
    REFUSED = "never"
    """Not even to somebody who is also granted everything."""
