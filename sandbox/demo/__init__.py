"""`make demo`: deploys the stack, sends files through it, and checks that every byte came back exactly once."""
