"""Titles of a Markdown document: the path of headings above each place, e.g. `Install > Linux`."""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

SEPARATOR = " > "
MAX_CHARACTERS = 200
"""What is kept of one heading, markup included."""
# Inline markup of a whole document would cost hundreds of bytes for each of its words: headings' alone is parsed.
_BLOCKS = MarkdownIt("commonmark").disable("inline")
_INLINE = MarkdownIt("commonmark")
_WORDS = {"text", "code_inline"}
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
    for opening, content in pairwise(_BLOCKS.parse(text)):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            heading = _plain(content.content[:MAX_CHARACTERS])
            if heading:
                yield opening.map[0], int(opening.tag[1:]), heading


def _plain(markup: str) -> str:
    [inline] = _INLINE.parseInline(markup)
    return "".join(child.content for child in inline.children or [] if child.type in _WORDS).strip()
