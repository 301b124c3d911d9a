"""Titles of passages are the paths of headings above them."""

import pytest

from hirag_jobs.ingest.documents import Document
from hirag_jobs.ingest.markdown import heading_paths


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("plain", [(0, "file")]),
        ("# One\ntext\n## Two\ntext", [(0, "file"), (0, "One"), (11, "One > Two")]),
        ("# A\n### C\n## B\n# D", [(0, "file"), (0, "A"), (4, "A > C"), (10, "A > B"), (15, "D")]),
        ("One\n===\n\ntext", [(0, "file"), (0, "One")]),
        ("```\n# not a heading\n```\n    # nor this\n", [(0, "file")]),
        ("> # quoted\n\n- # listed\n", [(0, "file")]),
        (
            "# With `code` and *stress*\r\n\r\n## Next",
            [(0, "file"), (0, "With code and stress"), (30, "With code and stress > Next")],
        ),
        ("#\n\ntext", [(0, "file")]),
        ("a\x0cb\x85c\u2028d\n# One", [(0, "file"), (8, "One")]),
    ],
)
def test_headings_make_paths_at_the_offset_of_their_line(text: str, titles: list[tuple[int, str]]) -> None:
    assert heading_paths(text, "file") == titles


def test_a_passage_has_the_title_of_the_place_where_it_starts() -> None:
    text = "Preface.\n\n# One\n\nText.\n"
    document = Document("id", "source", text, heading_paths(text, "file"), len(text))
    assert [document.title_at(offset) for offset in (0, 9, 10, len(text))] == ["file", "file", "One", "One"]
