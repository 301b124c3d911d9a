"""The edge: HTTP surfaces, limits, errors and metrics. Nothing here computes."""
