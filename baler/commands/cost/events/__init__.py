"""What the event stream costs a month."""
