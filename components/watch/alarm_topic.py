"""The topic to which alarms and budgets are published, and its subscribers."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Condition, Statement, policy_document
from components.settings.alarm_types import protocol
from components.settings.secret import as_input

# Administration alone: who looks after the account can change or delete the key, and reads nothing with it.
_ADMINISTER: Final = [
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
]
_DELETION_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    """Whose alarms are taken, and who hears of them."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    subscribers: Sequence[str]
    """Who is told of everything, as the settings write it; their addresses stay secret if those are."""

    pager_subscribers: Sequence[str]
    """Who is told of one alarm alone; likewise."""

    paging_alarm: str
    """The name of that alarm."""


class AlarmTopic(pulumi.ComponentResource):
    """An encrypted topic that takes from the alarms and budgets of this account and region alone.

    It has a key of its own: the one that AWS keeps for SNS lets no alarm publish (SNS developer guide, "Enable
    compatibility between event sources from AWS services and encrypted topics").
    """

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:alarm_topic:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        sources = _sources(args)
        key = aws.kms.Key(
            name,
            description="Encrypts what alarms say.",
            enable_key_rotation=True,
            deletion_window_in_days=_DELETION_DAYS,
            policy=policy_document(_key_statements(args, sources)),
            opts=child,
        )
        topic = aws.sns.Topic(name, kms_master_key_id=key.arn, opts=child)
        policy = aws.sns.TopicPolicy(
            name, arn=topic.arn, policy=policy_document(_topic_statements(topic.arn, sources)), opts=child
        )
        for subscriber in args.subscribers:
            aws.sns.TopicSubscription(
                f"{name}-{_digest(subscriber)}",
                topic=topic.arn,
                protocol=str(protocol(subscriber)),
                endpoint=as_input("alarmSubscriptions", subscriber),
                opts=child,
            )
        for subscriber in args.pager_subscribers:
            aws.sns.TopicSubscription(
                f"{name}-page-{_digest(subscriber)}",
                topic=topic.arn,
                protocol=str(protocol(subscriber)),
                endpoint=as_input("pageSubscriptions", subscriber),
                filter_policy_scope="MessageBody",
                filter_policy=json.dumps({"AlarmName": [args.paging_alarm]}),
                opts=child,
            )
        # Whoever publishes to it waits until it may.
        self.arn: pulumi.Output[str] = pulumi.Output.all(topic.arn, policy.id).apply(lambda made: str(made[0]))
        self.register_outputs({"arn": self.arn})


# In the policy of a key it is that key (KMS developer guide, "Key policies", Resource).
_THIS_KEY: Final = ["*"]


def _digest(subscriber: str) -> str:
    """Return what names a subscriber where its address, which may hold a paging service's key, must not be read.

    32 bits of a hash: enough to tell subscribers apart whatever their order is, and to confirm a guess, but not to find
    a key of a paging service.
    """
    return hashlib.sha256(subscriber.encode()).hexdigest()[:8]


def _sources(args: AlarmTopicArgs) -> list[tuple[str, str, Condition]]:
    """Return the services that publish: the Sid's ending, the principal, and for whose resources alone."""
    account = args.account
    return [
        (
            "Alarms",
            "cloudwatch.amazonaws.com",
            _on_behalf(account, pulumi.Output.concat("arn:aws:cloudwatch:", args.region, ":", account, ":alarm:*")),
        ),
        (
            "Budgets",
            "budgets.amazonaws.com",
            _on_behalf(account, pulumi.Output.concat("arn:aws:budgets::", account, ":*")),
        ),
    ]


def _on_behalf(account: pulumi.Input[str], arn: pulumi.Input[str]) -> Condition:
    return {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": arn}}


def _topic_statements(topic_arn: pulumi.Input[str], sources: Sequence[tuple[str, str, Condition]]) -> list[Statement]:
    refusal: Statement = {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        # A topic's policy takes no "sns:*": some of those actions are not on topics, and SNS refuses the whole policy.
        "Action": ["sns:Publish"],
        "Resource": [topic_arn],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    accepted: list[Statement] = [
        {
            "Sid": f"Accept{who}",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["sns:Publish"],
            "Resource": [topic_arn],
            "Condition": condition,
        }
        for who, service, condition in sources
    ]
    return [*accepted, refusal]


def _key_statements(args: AlarmTopicArgs, sources: Sequence[tuple[str, str, Condition]]) -> list[Statement]:
    administration: Statement = {
        "Sid": "LetTheAccountAdminister",
        "Effect": "Allow",
        "Principal": {"AWS": pulumi.Output.concat("arn:aws:iam::", args.account, ":root")},
        "Action": _ADMINISTER,
        "Resource": _THIS_KEY,
    }
    uses: list[Statement] = [
        {
            "Sid": f"Encrypt{who}",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": _THIS_KEY,
            "Condition": condition,
        }
        for who, service, condition in sources
    ]
    return [administration, *uses]
