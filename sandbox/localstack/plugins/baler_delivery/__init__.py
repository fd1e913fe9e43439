"""What is on its way as AWS delivers it: late, out of order, and now and then twice.

`s3_events` are those of buckets to queues, `messages` those of queues to whoever receives, `invocations` the
asynchronous ones of functions. How late and how often is the profile's (`baler_wire.deliveries`); without one nothing
is late and nothing comes twice. What AWS promises is at least once: nothing is ever lost here.
"""
