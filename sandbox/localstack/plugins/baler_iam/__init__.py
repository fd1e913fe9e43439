"""IAM for LocalStack: every request is judged by the policies that are deployed, and refused as AWS refuses it.

`hook` puts `handler` into the gateway. `principals` says who asks, `actions` what for, `evaluator` whether it may, and
`denial` how the answer reads. What is known of LocalStack's and moto's insides is in `principals`, `stores`,
`service_calls` and `hook`; everything else knows neither and is tested by itself.
"""
