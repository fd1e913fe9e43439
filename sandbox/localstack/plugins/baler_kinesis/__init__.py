"""Kinesis in LocalStack without Docker: moto's streams, repaired, and an event source mapping that keeps AWS's rules.

`stream`, `shard` and `backend` replace what moto makes; `delivery`, `batch` and `shards` are the rules of the
mapping, which know neither moto nor LocalStack; `poller` puts them where LocalStack looks for its own.
"""
