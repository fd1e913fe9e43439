"""The budget: what the account may cost a month."""

import pulumi
import pulumi_aws as aws

_EARLY_PERCENT = 80
_WHOLE_PERCENT = 100


class CostBudget(pulumi.ComponentResource):
    """A monthly budget that tells a topic at 80% and 100% of its limit, and as soon as 100% is foreseen.

    It is about the whole account: a budget for this stack's tags alone would count nothing, and say nothing, until
    somebody activates them as cost allocation tags in the account's billing console.
    """

    def __init__(
        self,
        name: str,
        *,
        dollars: int,
        topic_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:cost_budget:CostBudget", name, None, opts)
        aws.budgets.Budget(
            name,
            budget_type="COST",
            limit_amount=str(dollars),
            limit_unit="USD",
            time_unit="MONTHLY",
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[topic_arn],
                )
                for kind, percent in (
                    ("ACTUAL", _EARLY_PERCENT),
                    ("ACTUAL", _WHOLE_PERCENT),
                    ("FORECASTED", _WHOLE_PERCENT),
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
