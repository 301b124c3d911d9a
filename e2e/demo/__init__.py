"""`make demo` and `make down`: YAML in, a working RAG index out, on real servers of this machine."""
