"""What an on-premises consumer remembers: bundles delivered, objects in quarantine, and what is still to be done."""
