"""The only place that speaks to Weaviate.

It speaks the REST schema API with whole JSON documents rather than the client's typed configuration: a PUT that leaves
a field out resets it (and the typed models leave out what they do not know), so updates must read, merge and write
exactly what the server holds. See docs/decisions/0003-weaviate-rest.md.

`calls` has the server's answers one by one, `view` what all of them say together at one time, `adapter` what the
reconcilers ask.
"""

from hirag_operator.adapters.weaviate.adapter import WeaviateAdapter

__all__ = ["WeaviateAdapter"]
