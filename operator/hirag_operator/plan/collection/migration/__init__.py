"""Carrying a level into another holder of its data: what is seen of it, at which stage it is, and what comes next."""
