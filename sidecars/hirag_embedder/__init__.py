"""The embedding server: texts to vectors over HTTP, in OpenAI's shapes and in Weaviate's."""
