"""What watches a stack: alarms, their topic, the budget, the record of accesses, the rollout."""
