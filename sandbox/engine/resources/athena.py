"""Workgroups, by which people query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def workgroup(name: str, inputs: Inputs) -> Creation:
    """Create a workgroup with its limit on what a query reads and the place of its results."""
    workgroup_name = physical_name(name, inputs, longest=128)
    section = inputs.section("configuration")
    configuration = section.renamed(
        bytesScannedCutoffPerQuery="BytesScannedCutoffPerQuery",
        enforceWorkgroupConfiguration="EnforceWorkGroupConfiguration",
        publishCloudwatchMetricsEnabled="PublishCloudWatchMetricsEnabled",
        requesterPaysEnabled="RequesterPaysEnabled",
    )
    engine = section.section("engineVersion").renamed(selectedEngineVersion="SelectedEngineVersion")
    if engine:
        configuration["EngineVersion"] = engine
    results = section.section("resultConfiguration")
    result = results.renamed(expectedBucketOwner="ExpectedBucketOwner", outputLocation="OutputLocation")
    encryption = results.section("encryptionConfiguration").renamed(
        encryptionOption="EncryptionOption", kmsKeyArn="KmsKey"
    )
    if encryption:
        result["EncryptionConfiguration"] = encryption
    if result:
        configuration["ResultConfiguration"] = result
    description = inputs.take("description", "")
    tags = inputs.take("tags", {})
    # Only whether a workgroup with queries in it is destroyed.
    inputs.ignore("forceDestroy")

    def create(aws: Endpoint) -> Created:
        aws.athena.create_work_group(
            Name=workgroup_name, Configuration=configuration, Description=description, Tags=tag_list(tags)
        )
        account = aws.sts.get_caller_identity()["Account"]
        arn = f"arn:aws:athena:{aws.region}:{account}:workgroup/{workgroup_name}"
        return Created(workgroup_name, {"arn": arn, "name": workgroup_name, "tagsAll": tags})

    return create
