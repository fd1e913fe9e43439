"""How far lanes carry a stack: what throttles it, where the knee is, and what an outage leaves behind."""
