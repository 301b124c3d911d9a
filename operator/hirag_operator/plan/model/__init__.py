"""EmbeddingModel: how it is served, what it answers, and what that comes to."""
