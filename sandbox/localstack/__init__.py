"""LocalStack in host mode, as a child process for the length of a `with` block.

`server` starts and stops it, `endpoint` finds one that already runs, `plugins/` is what is installed into its
virtual environment so that Lambda and DynamoDB work without Docker and Java.
"""
