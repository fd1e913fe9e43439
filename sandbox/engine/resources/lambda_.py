"""Functions, their aliases, and what invokes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.package import read_package
from sandbox.engine.waiting import wait_for_state

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def function(name: str, inputs: Inputs) -> Creation:
    """Create a function from its zip, and publish a version where `publish` says so."""
    function_name = physical_name(name, inputs, longest=64)
    definition = inputs.renamed(
        architectures="Architectures",
        description="Description",
        handler="Handler",
        kmsKeyArn="KMSKeyArn",
        layers="Layers",
        memorySize="MemorySize",
        packageType="PackageType",
        publish="Publish",
        role="Role",
        runtime="Runtime",
        tags="Tags",
        timeout="Timeout",
    )
    sections = {
        "DeadLetterConfig": inputs.section("deadLetterConfig").renamed(targetArn="TargetArn"),
        "Environment": inputs.section("environment").renamed(variables="Variables"),
        "EphemeralStorage": inputs.section("ephemeralStorage").renamed(size="Size"),
        "LoggingConfig": inputs.section("loggingConfig").renamed(
            applicationLogLevel="ApplicationLogLevel",
            logFormat="LogFormat",
            logGroup="LogGroup",
            systemLogLevel="SystemLogLevel",
        ),
        "TracingConfig": inputs.section("tracingConfig").renamed(mode="Mode"),
        "VpcConfig": inputs.section("vpcConfig").renamed(subnetIds="SubnetIds", securityGroupIds="SecurityGroupIds"),
    }
    definition |= {parameter: value for parameter, value in sections.items() if value}
    package = read_package(inputs.take("code"), inputs.take("sourceCodeHash"))
    reserved_concurrency = inputs.take("reservedConcurrentExecutions")
    # Only whether old versions stay when the stack is destroyed.
    inputs.ignore("skipDestroy")

    def create(aws: Endpoint) -> Created:
        created = aws.functions.create_function(
            FunctionName=function_name, Code={"ZipFile": package.content}, **definition
        )
        wait_for_state(
            f"Function {function_name}",
            "Active",
            lambda: aws.functions.get_function_configuration(FunctionName=function_name).get("State", "Active"),
        )
        if reserved_concurrency is not None and reserved_concurrency >= 0:
            aws.functions.put_function_concurrency(
                FunctionName=function_name, ReservedConcurrentExecutions=reserved_concurrency
            )
        arn = aws.functions.get_function_configuration(FunctionName=function_name)["FunctionArn"]
        outputs = {
            "arn": arn,
            "codeSha256": package.sha256,
            "invokeArn": _invoke_arn(aws.region, arn),
            "lastModified": created["LastModified"],
            "name": function_name,
            "qualifiedArn": f"{arn}:{created['Version']}",
            "qualifiedInvokeArn": _invoke_arn(aws.region, f"{arn}:{created['Version']}"),
            "sourceCodeSize": len(package.content),
            "tagsAll": definition.get("Tags", {}),
            "version": created["Version"],
        }
        return Created(function_name, outputs)

    return create


def alias(name: str, inputs: Inputs) -> Creation:
    """Give a version of a function a name that stays."""
    alias_name = physical_name(name, inputs, longest=128)
    definition = inputs.renamed(
        description="Description", functionName="FunctionName", functionVersion="FunctionVersion"
    )
    weights = inputs.section("routingConfig").renamed(additionalVersionWeights="AdditionalVersionWeights")
    if weights:
        definition["RoutingConfig"] = weights

    def create(aws: Endpoint) -> Created:
        arn = aws.functions.create_alias(Name=alias_name, **definition)["AliasArn"]
        return Created(arn, {"arn": arn, "invokeArn": _invoke_arn(aws.region, arn), "name": alias_name})

    return create


def permission(name: str, inputs: Inputs) -> Creation:
    """Let somebody do something with a function."""
    statement_id = physical_name(name, inputs, longest=100, named_by="statementId")
    definition = inputs.renamed(
        action="Action",
        function="FunctionName",
        principal="Principal",
        qualifier="Qualifier",
        sourceAccount="SourceAccount",
        sourceArn="SourceArn",
    )

    def create(aws: Endpoint) -> Created:
        aws.functions.add_permission(StatementId=statement_id, **definition)
        return Created(statement_id, {"statementId": statement_id})

    return create


def event_invoke_config(_name: str, inputs: Inputs) -> Creation:
    """Say how often, and for how long, Lambda tries an event again that nobody waits for."""
    definition = inputs.renamed(
        functionName="FunctionName",
        maximumEventAgeInSeconds="MaximumEventAgeInSeconds",
        maximumRetryAttempts="MaximumRetryAttempts",
        qualifier="Qualifier",
    )

    def create(aws: Endpoint) -> Created:
        aws.functions.put_function_event_invoke_config(**definition)
        return Created(definition["FunctionName"], {})

    return create


def event_source_mapping(_name: str, inputs: Inputs) -> Creation:
    """Let a function take a queue's messages or a stream's records, and wait until it does.

    Raises:
        UnsupportedResourceError: several batches of one shard at a time, which the sandbox's poller does not have.
    """
    definition = inputs.renamed(
        batchSize="BatchSize",
        bisectBatchOnFunctionError="BisectBatchOnFunctionError",
        enabled="Enabled",
        eventSourceArn="EventSourceArn",
        functionName="FunctionName",
        functionResponseTypes="FunctionResponseTypes",
        maximumBatchingWindowInSeconds="MaximumBatchingWindowInSeconds",
        maximumRecordAgeInSeconds="MaximumRecordAgeInSeconds",
        maximumRetryAttempts="MaximumRetryAttempts",
        parallelizationFactor="ParallelizationFactor",
        startingPosition="StartingPosition",
        startingPositionTimestamp="StartingPositionTimestamp",
        tags="Tags",
    )
    if definition.get("ParallelizationFactor", 1) != 1:
        raise UnsupportedResourceError("parallelizationFactor is 1 in the sandbox: a shard has one batch at a time.")
    failure = inputs.section("destinationConfig").section("onFailure").renamed(destinationArn="Destination")
    if failure:
        definition["DestinationConfig"] = {"OnFailure": failure}
    scaling = inputs.section("scalingConfig").renamed(maximumConcurrency="MaximumConcurrency")
    if scaling:
        definition["ScalingConfig"] = scaling
    metrics = inputs.section("metricsConfig").renamed(metrics="Metrics")
    if metrics:
        definition["MetricsConfig"] = metrics
    wanted = "Enabled" if definition.get("Enabled", True) else "Disabled"

    def create(aws: Endpoint) -> Created:
        created: dict[str, Any] = dict(aws.functions.create_event_source_mapping(**definition))
        uuid = created["UUID"]
        wait_for_state(
            f"The event source mapping of {definition['EventSourceArn']}",
            wanted,
            lambda: aws.functions.get_event_source_mapping(UUID=uuid)["State"],
        )
        outputs = {
            "arn": created.get("EventSourceMappingArn"),
            "functionArn": created["FunctionArn"],
            "state": wanted,
            "tagsAll": definition.get("Tags", {}),
            "uuid": uuid,
        }
        return Created(uuid, outputs)

    return create


def _invoke_arn(region: str, arn: str) -> str:
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
