"""The calls that every file costs, GetObject and those on the claim table, at a fifth of boto3's processor time.

Both clients have the methods of boto3's that are needed, with its arguments, answers and errors, so that either can be
passed to the ports. All other calls, a few a bundle, are boto3's. Why is in docs/decisions/0012-lean-clients.md.
"""
