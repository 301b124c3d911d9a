"""What Tab offers, without a cluster."""

import pytest

from hirag_operator.plugin.completion import FILES, NO_FILES, NO_SPACE, complete


@pytest.mark.parametrize(
    ("words", "candidates", "directive"),
    [
        ([""], ["status", "explain", "plan", "rollback", "doctor"], NO_FILES),
        (["st"], ["status"], NO_FILES),
        (["status", "--all"], ["--all-namespaces"], NO_FILES),
        (["status", "-o", "j"], ["json"], NO_FILES),
        (["plan", "-f", ""], [], FILES),
        (["explain", "ctx.spec.lev"], ["ctx.spec.levels"], NO_SPACE | NO_FILES),
        (["explain", "hnswi"], ["hnswindexpolicy"], NO_SPACE | NO_FILES),
        (["explain", "ctx.spec.levels.longTerm.r"], ["ctx.spec.levels.longTerm.retention"], NO_SPACE | NO_FILES),
        (["explain", "ctx.spec.nowhere."], [], NO_SPACE | NO_FILES),
        (["explain", "nokind."], [], NO_SPACE | NO_FILES),
        (["status", "--kubeconfig", "/nowhere", ""], [], NO_FILES),
    ],
)
def test_tab_offers(words: list[str], candidates: list[str], directive: int) -> None:
    assert complete(words) == (candidates, directive)
