"""Who may tell the topic of the alarms anything, and who may use its key."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import NEVER, NO, YES
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

_USE: Final = "kms:GenerateDataKey kms:Decrypt"
_ELSE_WITH_TOPIC: Final = "sns:Subscribe sns:SetTopicAttributes sns:DeleteTopic"
_ELSE_WITH_KEY: Final = "kms:PutKeyPolicy kms:ScheduleKeyDeletion"

ALARMS: Final = (
    *(
        row
        for who, way, plain in (
            (Who.CLOUDWATCH, Via.FOR_ALARM, Via.FOR_ALARM_PLAIN),
            (Who.BUDGETS, Via.FOR_BUDGET, Via.FOR_BUDGET_PLAIN),
        )
        for row in (
            *rows(
                who,
                way,
                "NFR-07",
                (YES, "sns:Publish", On.ALARM_TOPIC),
                (NO, _ELSE_WITH_TOPIC, On.ALARM_TOPIC),
                (YES, _USE, On.ALARM_KEY),
                (NO, _ELSE_WITH_KEY, On.ALARM_KEY),
            ),
            *rows(who, plain, "5.1 in transit", (NO, "sns:Publish", On.ALARM_TOPIC)),
        )
    ),
    *(
        row
        for who, way in (
            (Who.CLOUDWATCH, Via.FOR_BUDGET),
            (Who.BUDGETS, Via.FOR_ALARM),
            (Who.CLOUDWATCH, Via.FOR_STRANGERS_ALARM),
            (Who.S3, Via.FOR_ALARM),
            (Who.S3, Via.FOR_BUDGET),
        )
        for row in rows(
            who,
            way,
            "NFR-06: nobody else raises a false alarm",
            (NO, "sns:Publish", On.ALARM_TOPIC),
            (NO, _USE, On.ALARM_KEY),
        )
    ),
    *rows(Who.OPERATOR, Via.INTERNET_PLAIN, "5.1 in transit", (NEVER, "sns:Publish", On.ALARM_TOPIC)),
    *rows(
        Who.STRANGER,
        Via.INTERNET,
        "NFR-06",
        (NO, f"sns:Publish {_ELSE_WITH_TOPIC}", On.ALARM_TOPIC),
        (NO, f"{_USE} {_ELSE_WITH_KEY}", On.ALARM_KEY),
    ),
)
