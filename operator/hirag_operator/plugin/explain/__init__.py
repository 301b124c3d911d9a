"""`kubectl hirag explain`: what a field is and what it takes to change it, without a cluster."""
