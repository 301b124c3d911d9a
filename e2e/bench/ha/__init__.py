"""How long it takes until somebody acts again: leaders that are lost, servers that were, and processes that start."""
