from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.preview import PlannedResource, preview

WriteProject = Callable[..., Path]


def test_a_preview_lists_what_would_be_created(write_project: WriteProject) -> None:
    folder = write_project("""
        import pulumi
        import pulumi_aws as aws

        part = pulumi.ComponentResource("baler:test:Part", "part")
        queue = aws.sqs.Queue(f"in-{aws.get_region().region}", opts=pulumi.ResourceOptions(parent=part))
        aws.sqs.QueuePolicy("policy", queue_url=queue.url, policy=queue.arn.apply(lambda arn: arn.upper()))
    """)

    assert preview("test", {}, folder) == [
        PlannedResource("aws:sqs/queue:Queue", "in-eu-west-2"),
        PlannedResource("aws:sqs/queuePolicy:QueuePolicy", "policy"),
    ]


def test_logic_inside_apply_does_not_run_on_what_is_unknown(write_project: WriteProject) -> None:
    folder = write_project("""
        import pulumi_aws as aws

        aws.sqs.Queue("first").arn.apply(lambda arn: aws.sqs.Queue(arn))
    """)

    assert preview("test", {}, folder) == [PlannedResource("aws:sqs/queue:Queue", "first")]


def test_a_function_that_is_not_known_is_refused_by_name(write_project: WriteProject) -> None:
    folder = write_project("import pulumi_aws as aws; aws.get_availability_zones_output()")

    with pytest.raises(UnsupportedResourceError, match="getAvailabilityZones"):
        preview("test", {}, folder)
