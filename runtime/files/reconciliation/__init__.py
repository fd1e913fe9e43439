"""Reconciliation: compares what landed with what was delivered, and announces again what the pipeline lost sight of."""
