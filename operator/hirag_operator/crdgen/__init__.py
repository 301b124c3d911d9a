"""Build-time generator: the API models in, CRDs and the API reference out.

`python -m hirag_operator.crdgen` writes `crds/` and `docs/api.md`; with `--check` it writes nothing and fails when
either is stale.
"""
