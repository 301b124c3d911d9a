"""Real servers on one machine: toolchain, control plane, Weaviate, embedder; each as a context manager."""
