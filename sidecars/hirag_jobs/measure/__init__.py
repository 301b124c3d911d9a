"""`hirag-jobs measure`: what a collection's vector index finds, how fast, and what it takes. It only reads.

settings ─► subject     which vectors, under which index
              │
          queries       a sample of the objects, or questions of one's own
              │
          searching     the index's answer, timed
              │
          exact         the true answer, by one pass over all vectors
              │
recall · latency · memory ─► report
"""
