"""The HiRAG operator: declarative RAG indexes on Kubernetes, reconciled into Weaviate and embedding workloads."""
