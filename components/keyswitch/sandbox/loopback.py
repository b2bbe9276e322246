"""Refuses requests that no client on this machine means: those of web pages that found the port, and rebound names."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def problem(environ: Mapping[str, Any]) -> str | None:
    """Why a request is not answered, for its sender; None: it is."""
    host, origin = environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN")
    if host is not None and not _is_loopback(f"//{host}"):
        return "The sandbox answers only requests whose Host is 127.0.0.1 or localhost."
    if origin is not None and not _is_loopback(origin):
        return "The sandbox answers no web page: the Origin of the request is not 127.0.0.1 or localhost."
    if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
        return "The sandbox answers no web page: the request comes from another site."
    return None


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False
