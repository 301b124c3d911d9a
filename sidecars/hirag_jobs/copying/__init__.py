"""Copying a collection into another while it is written to: all objects, then what changed, then a comparison."""
