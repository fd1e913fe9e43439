"""The aggregator's calls, at a fraction of boto3's processor time and with a deadline that boto3 does not know.

The clients have the methods of boto3's that are needed, with its arguments, answers and errors, so that either can be
passed to the ports. Why is in docs/decisions/0012-http-clients.md and 0014-calls-that-end-in-time.md.
"""
