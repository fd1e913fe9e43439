"""How the lake of a stack is."""
