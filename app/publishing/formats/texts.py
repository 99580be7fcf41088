"""Text as each format wants it: Markdown made safe HTML or plain lines, characters no format can carry left out."""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
TAGS = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "ul",
}
_NOT_IN_XML = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NEW_LINE = re.compile(r"\r\n?|[\u2028\u2029]")


def html_of(markdown: str) -> str:
    """Safe HTML of Markdown. Its highest headings are of level 2, since the title above is the page's own."""
    tokens = MARKDOWN.parse(markdown)
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 2)}"
    rendered = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return nh3.clean(rendered, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})


def plain_of(markdown: str) -> str:
    """The text of Markdown in plain lines, links with their address."""
    blocks: list[str] = []
    bullet = ""
    for token in MARKDOWN.parse(markdown):
        if token.type == "list_item_open":
            bullet = "- "
        elif token.type in {"code_block", "fence"}:
            blocks.append(token.content.rstrip())
        elif token.type == "inline":
            blocks.append(bullet + _inline(token.children or []))
            bullet = ""
    return "\n".join(blocks)


def _inline(tokens: list[Token]) -> str:
    parts: list[str] = []
    address = ""
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif token.type == "link_open":
            address = str(token.attrs["href"])
        elif token.type == "link_close":
            parts.append(f" ({address})" if address not in "".join(parts) else "")
        else:
            parts.append(token.content)
    return "".join(parts)


def lines(text: str) -> str:
    """Text without characters that no line can carry; every line break is one of ours."""
    return _NOT_IN_LINES.sub("", _NEW_LINE.sub("\n", text))


def for_xml(text: str) -> str:
    """Text that XML 1.0 can carry."""
    return _NOT_IN_XML.sub("", _NEW_LINE.sub("\n", text))
