"""What a server says when it refuses, in whatever of the usual forms: Weaviate's, OpenAI's, ours, or plain text."""

import json
from http import HTTPStatus


def words_of(status: int, content: bytes, *, quoted: bool) -> str:
    """Return the server's own words, or those of its status; not `quoted`, its own only where they have such a form."""
    return _words(content, quoted=quoted) or (HTTPStatus(status).phrase if status in set(HTTPStatus) else "no words")


def _words(content: bytes, *, quoted: bool) -> str:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return content.decode(errors="replace").strip() if quoted else ""
    if not quoted and not (isinstance(body, dict) and ("error" in body or "message" in body)):
        return ""
    error = body.get("error", body.get("message", body)) if isinstance(body, dict) else body
    if isinstance(error, list):
        error = "; ".join(str(e.get("message", e)) if isinstance(e, dict) else str(e) for e in error)
    if isinstance(error, dict):
        error = error.get("message", error)
    return str(error).strip()
