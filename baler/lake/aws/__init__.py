"""The lake's tables as items of DynamoDB."""
