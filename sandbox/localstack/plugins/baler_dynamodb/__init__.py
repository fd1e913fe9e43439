"""DynamoDB in LocalStack: moto's, with what AWS refuses, and with failures on request."""
