"""IAM in the sandbox: whose credentials there are, and what was refused to them.

`evaluator.mjs` judges for the plugin in LocalStack (`sandbox/localstack/plugins/baler_iam`), `evaluation.mjs` for it
and for the policy tests, by the npm package that `package-lock.json` pins. The package is under the AGPL: it is called
as a program of its own and shipped with nothing.
"""
