"""The whole system on one machine without Docker: LocalStack in host mode and an in-process Pulumi engine."""
