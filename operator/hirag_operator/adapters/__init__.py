"""The thin edges: observe and apply, one file per outside world. Nothing else of the operator does I/O."""
