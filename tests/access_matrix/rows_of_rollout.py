"""What CodeDeploy may do while it rolls out a version, and for which rollout it may."""

from __future__ import annotations

from typing import Final

from access_matrix.phrases import NO, OBJECTS, ONLY_PRIVATE, ROLES
from access_matrix.row import rows
from access_matrix.vocabulary import On, Via, Who

_NOT: Final = (None, NO)

ROLLOUT: Final = (
    *rows(
        Who.CODEDEPLOY,
        Via.FOR_ROLLOUT,
        "5.1 least privilege",
        (ONLY_PRIVATE, "sts:AssumeRole", On.ROLLOUT_ROLE),
        (_NOT, "sts:TagSession sts:SetSourceIdentity", On.ROLLOUT_ROLE),
        (_NOT, "sts:AssumeRole", ROLES),
    ),
    *(
        row
        for who, via in (
            (Who.CODEDEPLOY, Via.FOR_OTHER_ROLLOUT),
            (Who.CODEDEPLOY, Via.FOR_STRANGERS_ROLLOUT),
            (Who.LAMBDA, Via.FOR_ROLLOUT),
            (Who.EC2, Via.FOR_ROLLOUT),
        )
        for row in rows(who, via, "NFR-06", (_NOT, "sts:AssumeRole", On.ROLLOUT_ROLE))
    ),
    *rows(
        Who.ROLLOUT,
        Via.INTERNET,
        "5.1 least privilege: it points the alias at a version, and sees alarms",
        (ONLY_PRIVATE, "lambda:GetAlias lambda:UpdateAlias", On.FUNCTION),
        (ONLY_PRIVATE, "cloudwatch:DescribeAlarms", On.ALARM),
        (_NOT, "lambda:UpdateFunctionCode lambda:PublishVersion lambda:DeleteAlias", On.FUNCTION),
        (_NOT, "lambda:InvokeFunction", (On.FUNCTION, On.ALIAS)),
        (_NOT, "lambda:GetAlias lambda:UpdateAlias", On.OTHER_FUNCTION),
        (_NOT, "cloudwatch:SetAlarmState cloudwatch:DisableAlarmActions cloudwatch:DeleteAlarms", On.ALARM),
        (_NOT, "cloudwatch:DescribeAlarms", On.OTHER_ALARM),
        (_NOT, "s3:GetObject", OBJECTS),
        (_NOT, "sts:AssumeRole", ROLES),
    ),
)
