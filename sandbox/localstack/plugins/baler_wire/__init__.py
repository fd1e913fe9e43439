"""The wire as AWS has it: how answers are framed, how long they take, and how they fail.

`profile` says what becomes of requests, `current` holds the one in force, `dice` draws from it, `counts` notes what was
done. `requests` tells by a request's head which service and operation it is about. `response` does it, in twisted's own
thread, so that what waits holds no thread of LocalStack's gateway: `framing` frames S3's answers, `writes` knows which
are in progress, `refusals` and `chain` refuse as services do, `partly` and `batches` refuse a part of a batch.
`connections` finds a client's by its ports; `hook` puts all of it there, and takes profiles at `/_baler/wire`.

What knows LocalStack and twisted is in `response`, `chain`, `connections` and `hook`; the rest is tested by itself.
"""
