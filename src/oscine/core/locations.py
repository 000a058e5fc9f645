"""Where things are: a path on this machine, or the URL of a file or folder elsewhere.

A URL is what fsspec understands: `gs://`, `s3://`, `https://`, `memory://` and others. It stays a
`UPath` from the recipe to the table, so that nothing takes it for a local path by mistake.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote, unquote, urlsplit

from oscine.core.errors import ConfigError

if TYPE_CHECKING:
    from typing_extensions import TypeIs
    from upath import UPath

Location: TypeAlias = "Path | UPath"
"""A local path, or a URL. (Importing upath costs a command 0.1 s, so it waits for a URL.)"""

WEB = frozenset({"http", "https"})
"""Protocols whose names are percent-encoded, and whose folders may not be listed."""

_LOCAL = frozenset({"file", "local"})


def location(where: str | Location) -> Location:
    """Read a path or a URL.

    Args:
        where: Such as `data/uk`, `gs://bucket/uk`, `https://example.org/uk`; `file://` is local.

    Returns:
        A `Path` for what is local, else a `UPath`.

    Raises:
        ConfigError: The protocol is unknown, or the URL holds a password.

    Example:
        >>> str(location("gs://bucket/uk") / "XC1.ogg")
        'gs://bucket/uk/XC1.ogg'
    """
    if not isinstance(where, str):
        return where
    protocol, mark, rest = where.partition("://")
    if not mark:
        return Path(where)
    from upath import UPath

    if protocol in _LOCAL:
        return Path(UPath(where).path)
    if re.match(r"[^/@]*:[^/@]*@", rest):
        raise ConfigError(
            "a URL with a password in it would be written into tables and logs",
            where=f"{protocol}://...@{rest.partition('@')[2]}",
            fix="leave it out, and log in as docs/howto/remote.md says",
        )
    try:
        return UPath(where)
    except ValueError as error:
        raise ConfigError(
            f"no such protocol {protocol!r}", where=shown(where), fix="use gs://, s3:// or https://"
        ) from error


def is_remote(where: object) -> TypeIs[UPath]:
    """Tell whether a location is a URL.

    Example:
        >>> is_remote(location("s3://bucket/x")), is_remote(Path("x"))
        (True, False)
    """
    if isinstance(where, (str, Path)):
        return False
    from upath import UPath

    return isinstance(where, UPath)


def shown(where: str | Location) -> str:
    """Write a location for a message: a URL's query may hold a key, so it is left out.

    Example:
        >>> shown("https://example.org/x.ogg?token=abc")
        'https://example.org/x.ogg?...'
    """
    text = str(where)
    return re.sub(r"\?.*", "?...", text) if "://" in text else text


def name_of(where: str | Location) -> str:
    """Give the base name of a location, without a URL's query.

    Example:
        >>> name_of("https://example.org/a%20b.ogg?size=1/2"), name_of("a/b.ogg")
        ('a b.ogg', 'b.ogg')
    """
    text = str(where)
    if text.partition("://")[0] in WEB:
        return unquote(urlsplit(text).path.rpartition("/")[2])
    return Path(text).name


def texts_below(folder: Location, names: list[str]) -> list[str]:
    """Write the locations of files below a folder as text, as tables hold them.

    Args:
        folder: A local folder or a URL.
        names: Paths below it, with `/`, as people write them.

    Returns:
        One text a name; on the web, with what is no letter percent-encoded.

    Example:
        >>> texts_below(location("https://example.org/a"), ["b c#1.ogg"])
        ['https://example.org/a/b%20c%231.ogg']
    """
    root = folder.as_posix().rstrip("/")
    if is_remote(folder) and folder.protocol in WEB:
        names = [quote(name, safe="/!$&'()*+,;=:@~") for name in names]
    return [f"{root}/{name}" for name in names]
