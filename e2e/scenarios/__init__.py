"""What the product promises in a real cluster, one file for each promise; `make e2e` runs them."""
