"""Documents into a collection: read → chunk → compare with what is stored → embed → write → trim.

Reading and chunking are lazy and pure of I/O but for the files themselves, `records` decides what a chunk becomes, and
`collection` alone knows Weaviate. Nothing is remembered between runs: ids are derived from the documents, so that
looking at the collection tells what is left to do, after a crash as after an edit.
"""
