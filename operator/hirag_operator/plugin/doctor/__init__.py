"""`kubectl hirag doctor`: whether all that the operator needs is there, and what to do where it is not."""
