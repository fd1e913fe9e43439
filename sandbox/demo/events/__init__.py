"""The demo of the event stream: what is sent, what becomes of it, and the proof."""
