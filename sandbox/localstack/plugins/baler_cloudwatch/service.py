"""CloudWatch as LocalStack finds it."""

from localstack.services.plugins import Service, aws_provider


@aws_provider(api="cloudwatch", name="alive")
def cloudwatch() -> Service:
    """Return the service."""
    # The provider's own imports need a LocalStack whose services are known already.
    from baler_cloudwatch.provider import LiveCloudwatchProvider  # noqa: PLC0415

    return Service.for_provider(LiveCloudwatchProvider())
