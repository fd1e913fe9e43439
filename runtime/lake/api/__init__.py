"""Answers the lake's HTTP API: records in pages, one record, what the counters say, and the API's own description."""
