"""Delivery by http: the courier posts bundles to an endpoint on the premises, NiFi's for example."""
