"""Build-time generator: the API models in, CRDs and the API reference out.

`python -m hirag_operator.crdgen` writes `crds/`, the chart's copy of them, `docs/api.md` and `docs/changes.md`; with
`--check` it writes nothing and fails when one of them is stale.
"""
