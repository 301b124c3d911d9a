"""`kubectl hirag plan`: what would happen if a file were applied, by the operator's own plan, with nothing written."""
