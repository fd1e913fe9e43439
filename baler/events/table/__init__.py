"""The table that queries read: its columns, and its rows."""
