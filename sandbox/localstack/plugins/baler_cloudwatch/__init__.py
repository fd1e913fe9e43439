"""CloudWatch alive: metrics that come by themselves as on AWS, statistics of all kinds, and alarms by AWS's rules.

LocalStack keeps log lines and makes no metrics of them, measures little of Lambda, Kinesis and SQS, fails on
percentiles, and evaluates neither them nor formulas, each alarm once in all its periods together.
"""
