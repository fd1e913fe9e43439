"""`baler ledger`: asks an on-premises consumer's ledger."""
