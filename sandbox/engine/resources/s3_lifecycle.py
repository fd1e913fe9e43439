"""Lifecycle rules of a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs

_SELECTION: Final = {
    "objectSizeGreaterThan": "ObjectSizeGreaterThan",
    "objectSizeLessThan": "ObjectSizeLessThan",
    "prefix": "Prefix",
}


def lifecycle_configuration(_name: str, inputs: Inputs) -> Creation:
    """Set a bucket's lifecycle rules, and from which size on objects are transitioned."""
    bucket_name = inputs.take("bucket")
    smallest = inputs.renamed(transitionDefaultMinimumObjectSize="TransitionDefaultMinimumObjectSize")
    rules = [_rule(rule) for rule in inputs.sections("rules")]

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_lifecycle_configuration(
            Bucket=bucket_name, LifecycleConfiguration={"Rules": rules}, **smallest
        )
        return Created(bucket_name, {})

    return create


def _rule(rule: Inputs) -> Any:
    parts: dict[str, Any] = {
        "AbortIncompleteMultipartUpload": rule.section("abortIncompleteMultipartUpload").renamed(
            daysAfterInitiation="DaysAfterInitiation"
        ),
        "Expiration": rule.section("expiration").renamed(
            date="Date", days="Days", expiredObjectDeleteMarker="ExpiredObjectDeleteMarker"
        ),
        "NoncurrentVersionExpiration": rule.section("noncurrentVersionExpiration").renamed(
            newerNoncurrentVersions="NewerNoncurrentVersions", noncurrentDays="NoncurrentDays"
        ),
        "NoncurrentVersionTransitions": [
            transition.renamed(
                newerNoncurrentVersions="NewerNoncurrentVersions",
                noncurrentDays="NoncurrentDays",
                storageClass="StorageClass",
            )
            for transition in rule.sections("noncurrentVersionTransitions")
        ],
        "Transitions": [
            transition.renamed(date="Date", days="Days", storageClass="StorageClass")
            for transition in rule.sections("transitions")
        ],
    }
    filled = {name: part for name, part in parts.items() if part}
    return rule.renamed(id="ID", status="Status") | {"Filter": _filter(rule.section("filter"))} | filled


def _filter(selection: Inputs) -> Any:
    chosen = selection.renamed(**_SELECTION)
    both = selection.section("and")
    conjunction = both.renamed(**_SELECTION)
    tags = both.take("tags")
    if tags:
        conjunction["Tags"] = tag_list(tags)
    if conjunction:
        chosen["And"] = conjunction
    tag = selection.section("tag").renamed(key="Key", value="Value")
    if tag:
        chosen["Tag"] = tag
    # No filter at all is every object, which S3 wants said as an empty prefix.
    return chosen or {"Prefix": ""}
