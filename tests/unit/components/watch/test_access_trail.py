"""Where data is protected it is recorded who reads or changes objects."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

TRAIL = "cloudtrail/trail:Trail"
BUCKET = "arn:aws:s3:::baler-prod-files-{}-1a2b3c4/"
SESSIONS = "arn:aws:sts::111122223333:assumed-role/baler-prod-files-{}-1a2b3c4/"


def selectors(deployed: "Deployed") -> list[dict[str, dict[str, Any]]]:
    """Return the selectors of the trail, each as conditions by field."""
    return [
        {field.pop("field"): field for field in map(dict, selector["fieldSelectors"])}
        for selector in deployed.one(TRAIL, "access-log").inputs["advancedEventSelectors"]
    ]


def test_everything_done_with_bundles_is_recorded(prod: "Deployed") -> None:
    bundles, *_ = selectors(prod)
    assert bundles == {
        "eventCategory": {"equals": ["Data"]},
        "resources.type": {"equals": ["AWS::S3::Object"]},
        "resources.ARN": {"startsWiths": [BUCKET.format("archive"), BUCKET.format("distribution")]},
    }


def test_of_landed_files_all_is_recorded_but_the_two_events_that_every_file_is(prod: "Deployed") -> None:
    _, files, puts = selectors(prod)
    landed = {
        "eventCategory": {"equals": ["Data"]},
        "resources.type": {"equals": ["AWS::S3::Object"]},
        "resources.ARN": {"startsWiths": [BUCKET.format("landing")]},
    }
    assert files == {
        **landed,
        "eventName": {"notEquals": ["PutObject"]},
        "userIdentity.arn": {"notStartsWiths": [SESSIONS.format("aggregator")]},
    }
    assert puts == {
        **landed,
        "eventName": {"equals": ["PutObject"]},
        "userIdentity.arn": {"notStartsWiths": [SESSIONS.format("external-party")]},
    }


def test_a_record_that_is_changed_is_found_out_and_the_trail_waits_for_its_bucket(prod: "Deployed") -> None:
    trail = prod.one(TRAIL, "access-log")
    assert trail.inputs["enableLogFileValidation"] is True
    assert trail.inputs["s3BucketName"] == "baler-prod-access-log-1a2b3c4"
    assert prod.one("s3/bucketPolicy:BucketPolicy", "access-log").urn in trail.depends_on


def test_records_are_kept_as_long_as_the_stack_says(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:accessLogDays": 90})
    rules = deployed.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "access-log").inputs["rules"]
    (rule,) = (rule for rule in rules if rule["id"] == "expire-records")
    assert (rule["expiration"], rule["noncurrentVersionExpiration"]) == ({"days": 90}, {"noncurrentDays": 1})


@pytest.mark.parametrize(
    ("stack", "settings"),
    [("prod", {"baler:accessLogDays": 0}), ("staging", {})],
    ids=["switched off", "no data to protect"],
)
def test_elsewhere_nothing_is_recorded_or_paid_for(deploy: "Deploy", stack: str, settings: dict[str, Any]) -> None:
    deployed = deploy(stack, settings=settings)
    assert deployed.all(TRAIL) == []
    assert [bucket.name for bucket in deployed.all("s3/bucket:Bucket") if "access-log" in bucket.name] == []
