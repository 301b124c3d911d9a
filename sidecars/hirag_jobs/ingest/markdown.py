"""Titles of a Markdown document: the path of headings above each place, e.g. `Install > Linux`."""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

SEPARATOR = " > "
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")  # CommonMark's line ends; str.splitlines knows more


def heading_paths(text: str, default: str) -> list[tuple[int, str]]:
    """The titles of a Markdown text.

    Args:
        text: the document; headings inside code are none.
        default: the title in front of the first heading.

    Returns:
        Offsets and the title from there on, ascending, the first at 0.
    """
    line_starts = list(accumulate((len(line) for line in _LINE.findall(text)), initial=0))
    titles = [(0, default)]
    path: list[tuple[int, str]] = []
    for line, depth, heading in _headings(text):
        path = [*(entry for entry in path if entry[0] < depth), (depth, heading)]
        titles.append((line_starts[line], SEPARATOR.join(name for _, name in path)))
    return titles


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, depth from 1, and text without markup of each heading that stands outside quotes and lists."""
    tokens = MarkdownIt("commonmark").parse(text)
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map and content.children is not None:
            words = (child.content for child in content.children if child.type in {"text", "code_inline"})
            heading = "".join(words).strip()
            if heading:
                yield opening.map[0], int(opening.tag[1:]), heading
