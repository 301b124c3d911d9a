"""Objects that the operator owns in Kubernetes: what is wanted of them against what is there."""
