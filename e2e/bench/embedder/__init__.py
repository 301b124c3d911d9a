"""How fast the embedding server is, beside the usual ways to embed: on the CPU, and on a GPU where there is one."""
