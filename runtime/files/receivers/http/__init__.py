"""A receiver that takes bundles by HTTP POST over TLS: NiFi's ListenHTTP, and whatever keeps its contract.

The contract is docs/receiver-answers.md.
"""
