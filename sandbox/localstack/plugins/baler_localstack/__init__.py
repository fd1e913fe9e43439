"""What LocalStack lacks to run Baler on a machine without Docker and Java, and where it is unlike AWS.

Installed into LocalStack's own virtual environment; LocalStack finds the parts by their entry points: those that its
configuration names (`sandbox/localstack/configuration.py`), and the repairs, which are always made.
"""
