"""What AWS measures by itself of functions, queues, tables and streams, given their names."""

import pulumi

from components.watch.definition import MINUTE, Metric


def metric_of_function(function: pulumi.Input[str], name: str, statistic: str, period_seconds: int = MINUTE) -> Metric:
    """Return what Lambda measures of a function (Lambda developer guide, "Types of metrics for Lambda functions")."""
    return Metric(
        namespace="AWS/Lambda",
        name=name,
        dimensions={"FunctionName": function},
        statistic=statistic,
        period_seconds=period_seconds,
    )


def metric_of_mapping(mapping: pulumi.Input[str], name: str, statistic: str) -> Metric:
    """Return what Lambda measures of an event source mapping, given its UUID, where the mapping asks for it.

    Lambda developer guide, "Event source mapping metrics": `EventCount` in the mapping's `MetricsConfig`.
    """
    return Metric(
        namespace="AWS/Lambda", name=name, dimensions={"EventSourceMappingUUID": mapping}, statistic=statistic
    )


def metric_of_queue(queue: pulumi.Input[str], name: str, statistic: str) -> Metric:
    """Return what SQS measures of a queue."""
    return Metric(namespace="AWS/SQS", name=name, dimensions={"QueueName": queue}, statistic=statistic)


def metric_of_table(table: pulumi.Input[str], name: str, statistic: str) -> Metric:
    """Return what DynamoDB measures of a table.

    CloudWatch ignores missing data of it, whatever an alarm says (API reference, PutMetricAlarm, TreatMissingData).
    """
    return Metric(namespace="AWS/DynamoDB", name=name, dimensions={"TableName": table}, statistic=statistic)


def metric_of_stream(stream: pulumi.Input[str], name: str, statistic: str, period_seconds: int = MINUTE) -> Metric:
    """Return what Kinesis measures of a stream."""
    return Metric(
        namespace="AWS/Kinesis",
        name=name,
        dimensions={"StreamName": stream},
        statistic=statistic,
        period_seconds=period_seconds,
    )
