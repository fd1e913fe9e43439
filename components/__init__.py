"""What is deployed: Pulumi components with Baler's safe defaults, one concept a file."""
