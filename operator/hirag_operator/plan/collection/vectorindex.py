"""From an HNSWIndexPolicy to Weaviate's `vectorIndexType` and `vectorIndexConfig`.

Every setting is stated, defaults too, so that a server with other defaults (quantization above all) builds the same
index, and a comparison with the live one needs no guesses. Names: weaviate v1.35, entities/vectorindex.
"""

from collections.abc import Mapping
from typing import Any

from hirag_operator.api import HNSWIndexPolicySpec
from hirag_operator.api.index_settings import HnswSettings
from hirag_operator.api.quantization import Quantization
from hirag_operator.plan.digest import digest

Json = dict[str, Any]

DIGEST_LENGTH = 16  # characters
QUANTIZERS = ("pq", "bq", "sq", "rq")
RESCORE_LIMIT_OF_BITS = {8: 20, 1: 512}  # what the server uses for rq on hnsw when none is named


def vector_index(policy: HNSWIndexPolicySpec, ef: int | None = None) -> tuple[str, Json]:
    """Return the index type and its whole configuration, with the ef that was found where one is to be.

    Until one is, it is the most that may be: recall comes first.
    """
    quantization = policy.quantization
    if policy.index_type == "flat":
        return "flat", _flat(policy, quantization)
    if policy.index_type == "dynamic":
        return "dynamic", _dynamic(policy)
    graph = {"distance": policy.distance, **_hnsw(policy.effective_hnsw, quantization)}
    if policy.objectives is not None and policy.objectives.tuning is not None:
        graph["ef"] = policy.objectives.tuning.ef.max if ef is None else ef
    return "hnsw", graph


def index_digest(index_type: str, index_config: Mapping[str, Any]) -> str:
    """Return what tells the settings of one index from others, whichever spec they follow from."""
    return digest([index_type, index_config], DIGEST_LENGTH)


def _hnsw(settings: HnswSettings, quantization: Quantization) -> Json:
    return {
        "maxConnections": settings.max_connections,
        "efConstruction": settings.ef_construction,
        "ef": settings.ef,
        "dynamicEfMin": settings.dynamic_ef.min,
        "dynamicEfMax": settings.dynamic_ef.max,
        "dynamicEfFactor": settings.dynamic_ef.factor,
        "flatSearchCutoff": settings.flat_search_cutoff,
        "filterStrategy": settings.filter_strategy,
        "vectorCacheMaxObjects": settings.vector_cache_max_objects,
        "cleanupIntervalSeconds": settings.cleanup_interval_seconds,
        **_only(quantization, _graph_quantizer(quantization)),
    }


def _flat(policy: HNSWIndexPolicySpec, quantization: Quantization) -> Json:
    return {
        "distance": policy.distance,
        "vectorCacheMaxObjects": policy.effective_flat.vector_cache_max_objects,
        **_only(quantization, _flat_quantizer(quantization)),
    }


def _dynamic(policy: HNSWIndexPolicySpec) -> Json:
    """Return a dynamic index; pq and sq compress its graph alone, since the flat index has neither."""
    flat = policy.quantization if policy.quantization.type in {"bq", "rq"} else Quantization()
    return {
        "distance": policy.distance,
        "threshold": policy.effective_dynamic.threshold,
        "hnsw": {"distance": policy.distance, **_hnsw(policy.effective_hnsw, policy.quantization)},
        "flat": _flat(policy, flat),
    }


def _only(quantization: Quantization, settings: Json) -> Json:
    """Return the sections of all quantizers with none but the chosen one enabled.

    Without `skipDefaultQuantization` a server with DEFAULT_QUANTIZATION would compress where the policy says none.
    """
    sections: Json = {name: {"enabled": False} for name in QUANTIZERS}
    if quantization.type != "none":
        sections[quantization.type] = {"enabled": True, **settings}
    return {**sections, "skipDefaultQuantization": True}


def _graph_quantizer(quantization: Quantization) -> Json:
    match quantization.type:
        case "pq":
            pq = quantization.effective_pq
            encoder = {"type": pq.encoder.type, "distribution": pq.encoder.distribution}
            # Asked for 0 segments, the server writes its own choice into the schema once it has trained.
            segments = {"segments": pq.segments} if pq.segments else {}
            return {**segments, "centroids": pq.centroids, "trainingLimit": pq.training_limit, "encoder": encoder}
        case "sq":
            sq = quantization.effective_sq
            return {"trainingLimit": sq.training_limit, "rescoreLimit": sq.rescore_limit}
        case "rq":
            rq = quantization.effective_rq
            limit = RESCORE_LIMIT_OF_BITS[rq.bits] if rq.rescore_limit is None else rq.rescore_limit
            return {"bits": rq.bits, "rescoreLimit": limit}
        case _:
            return {}


def _flat_quantizer(quantization: Quantization) -> Json:
    match quantization.type:
        case "bq":
            bq = quantization.effective_bq
            return {"cache": bq.cache, **_stated("rescoreLimit", bq.rescore_limit)}
        case "rq":
            rq = quantization.effective_rq
            return {"bits": rq.bits, "cache": rq.cache, **_stated("rescoreLimit", rq.rescore_limit)}
        case _:
            return {}


def _stated(name: str, value: int | None) -> Json:
    return {} if value is None else {name: value}
