"""What converging costs beside a plain loop of the same writes: `make bench-converge`.

Two equal sets of real servers run side by side, each an API server and a Weaviate. The operator works on the one. On
the other a plain client loop then makes, one after the other, the very writes that the operator's run left behind,
read back from its servers. Both sides' writes are counted at the servers.
"""
