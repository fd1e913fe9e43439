"""DynamoDB as far as the contestants use it, over its real protocol, fast enough not to be what is measured.

It knows five calls and one kind of key, and refuses all else. The suite of tests/integration/test_claim_requests.py
holds it and LocalStack to the same answers. Not as in AWS: a table is there at once, signatures are not
verified (only asked for), nothing is throttled and nothing expires.
"""
