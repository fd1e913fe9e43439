"""HTTP to servers of others: only public addresses, within a deadline and within bounds."""
