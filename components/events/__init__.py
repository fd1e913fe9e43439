"""The event stream: records of a stream become partitioned, queryable files, each event once."""
