"""Which alarm fires when: the alarms of the program over SQS's, Lambda's and CloudWatch's own rules of metrics.

No emulator has these rules: LocalStack publishes no age of messages, shows what backs off as it likes and evaluates
alarms of its own. So they are modelled here, each from the page that it is named after, and the alarms that the program
declares are evaluated over a pipeline to which something happens.

From the repository's root: `PYTHONPATH=tests python -m metric_rules --check`, or `--write`.
"""
