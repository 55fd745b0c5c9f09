"""Opening a URL through fsspec."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from automl_nb.core.errors import MissingExtraError, SourceError

CONNECT_S = 20
READ_S = 60


@contextmanager
def open_url(url: str) -> Iterator[IO[bytes]]:
    """The content behind a URL as a seekable binary file, fetched once.

    Raises:
        SourceError: It cannot be reached, or there is nothing.
        MissingExtraError: A package for this protocol isn't installed.
    """
    import fsspec

    try:
        with fsspec.open(url, "rb", **_options(url)) as stream:
            data = stream.read()
    except ImportError as error:
        extra = "http" if url.startswith("http") else ""
        package = error.name or _package_named(str(error))
        raise MissingExtraError("Reading a URL", extra=extra, package=package) from error
    except (OSError, ValueError, RuntimeError, _client_error()) as error:
        raise SourceError(
            "A URL must lead to a file that can be fetched.",
            received=f"{without_secrets(url)}: {_reason(error)}",
            hint="Check the address and the network.",
        ) from error
    yield io.BytesIO(data)


def without_secrets(url: str) -> str:
    """A URL without user, password, query and fragment, fit to be shown and kept.

    Example:
        >>> without_secrets("https://me:secret@host:8080/a.csv?token=1")
        'https://host:8080/a.csv'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _package_named(message: str) -> str:
    """The package that fsspec asks for, as in "Install s3fs to access S3"."""
    found = re.search(r"[Ii]nstall '?\"?([\w-]+)", message)
    return found[1] if found else message


def _options(url: str) -> dict[str, Any]:
    if not url.startswith(("http://", "https://")):
        return {}
    try:
        import aiohttp
    except ImportError as error:
        raise MissingExtraError("Reading a URL", extra="http", package="aiohttp") from error
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
    return {"client_kwargs": {"timeout": timeout}}


def _client_error() -> type[Exception]:
    try:
        import aiohttp
    except ImportError:
        return OSError
    return aiohttp.ClientError


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):  # fsspec raises it for every failed request
        error = error.__cause__ or error
    if isinstance(error, TimeoutError):
        return "no answer in time"
    status = getattr(error, "status", None)
    if status or isinstance(error, FileNotFoundError):
        return f"status {status}" if status else "not found"
    return next(iter(str(error).splitlines()), type(error).__name__)
