"""HTTP APIs (API Gateway v2) in LocalStack: moto keeps what is configured, and this answers the requests.

The rules are AWS's as its developer guide gives them: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""
