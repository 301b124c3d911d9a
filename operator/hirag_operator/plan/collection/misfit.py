"""Settings that are right by themselves and do not go together: what no object's own rules can see."""

from hirag_operator.api import EmbeddingModel, HNSWIndexPolicySpec


def misfit(policy: HNSWIndexPolicySpec, model: EmbeddingModel) -> str | None:
    """Return why a level cannot be indexed by `policy` and embedded by `model`, with the remedy; None when it can.

    Weaviate would take the collection and fail much later, when it trains the quantizer.
    """
    segments, dimensions = policy.quantization.effective_pq.segments, model.spec.dimensions
    if policy.quantization.type == "pq" and segments and dimensions % segments:
        return (
            f"quantization.pq.segments is {segments}, which does not divide the model's {dimensions} dimensions; "
            f"set it to a divisor, or to 0 to let Weaviate choose"
        )
    return None
