"""ContextCollection: its levels in Weaviate, what stands in their way, and what is told of them."""
