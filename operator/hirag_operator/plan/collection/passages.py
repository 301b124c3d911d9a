"""Whether the passages that chunking cuts are short enough for the model to read whole."""

from hirag_operator.api import ContextCollection, EmbeddingModel
from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.verdict import Aspect


def passages_fit(collection: ContextCollection, model: EmbeddingModel) -> Aspect:
    """Return the condition PassagesFit. Tokens of chunking (cl100k_base) stand for the model's own, about as long."""
    cut, read = collection.spec.chunking.max_tokens, model.spec.max_tokens
    if cut > read:
        message = (
            f"spec.chunking.maxTokens is {cut}, but the model reads {read} tokens: the rest of a longer passage is not "
            f"embedded. Set it to {read} or less."
        )
        return Aspect(ConditionType.PASSAGES_FIT, False, Reason.PASSAGES_CUT_OFF, message)
    message = f"Passages have at most {cut} tokens, and the model reads {read}."
    return Aspect(ConditionType.PASSAGES_FIT, True, Reason.PASSAGES_FIT, message)
