"""Which alarm fires when: the alarms of the program over SQS's, Lambda's and CloudWatch's own rules of metrics.

Hours pass here in seconds: queues, streams and functions are modelled, each from the page that it is named after, and
the alarms that the program declares are evaluated over a pipeline to which something happens, by the sandbox's own
rules (plugins/baler_cloudwatch).

From the repository's root: `PYTHONPATH=tests:sandbox/localstack/plugins python -m metric_rules --check`, or `--write`.
"""
