"""The archive as operators read it: which bundle holds a file, and the bundle itself, woken from Deep Archive."""
