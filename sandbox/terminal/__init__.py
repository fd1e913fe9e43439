"""An operator's terminal at a stack of the sandbox: what is in its environment, and how a page is typed into it."""
