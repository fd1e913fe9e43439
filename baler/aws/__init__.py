"""The ports of the runtime on AWS: S3, DynamoDB and SQS. They raise Refused and Unavailable, and nothing else."""
