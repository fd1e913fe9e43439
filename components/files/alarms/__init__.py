"""What tells people that something is wrong: the topic, the alarms that publish to it, and the budget."""
