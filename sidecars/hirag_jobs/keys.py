"""Keys of servers: read from files, and told to nobody, not even in the words of a server that repeats them."""

from pathlib import Path

from hirag_kit.errors import ConfigurationError


def read_key(path: Path | None, flag: str) -> str | None:
    """The key in a file; None without a file.

    Args:
        path: the file, as it was given by `flag`.
        flag: what errors name.

    Raises:
        ConfigurationError: the file cannot be read, or holds what no header can carry.
    """
    if path is None:
        return None
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{flag}: {path} cannot be read") from error
    if not key:
        raise ConfigurationError(f"{flag}: {path} is empty")
    if not (key.isascii() and key.isprintable()):
        # Refused here, for the HTTP client would refuse the header with the key in its message.
        raise ConfigurationError(f"{flag}: {path} must hold one line of printable ASCII characters")
    return key


def without(key: str | None, words: str) -> str:
    """What a server or a client said, without the key: some repeat what they refuse."""
    return words.replace(key, "[key]") if key else words
