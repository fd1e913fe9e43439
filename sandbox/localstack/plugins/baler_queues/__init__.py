"""Queues as Lambda reads them: several batches at work beside each other, up to the mapping's maximum concurrency.

`turns` says when the next batch is gathered, and knows nothing of LocalStack; `poller` is LocalStack's own with turns.
"""
