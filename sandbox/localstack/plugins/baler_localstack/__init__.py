"""What LocalStack lacks to run Baler on a machine without Docker and Java.

Installed into LocalStack's own virtual environment; LocalStack finds the three
parts by their entry points and uses those that its configuration names
(`sandbox/localstack/configuration.py`).
"""
