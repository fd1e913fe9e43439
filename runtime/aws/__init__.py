"""The ports of the runtime on AWS: S3, DynamoDB and SQS by boto3 clients that are passed in."""
