"""Turns what botocore raises into the errors of keyswitch, in two context managers over two tables.

Each error keeps botocore's as its cause. Neither quotes the body of an answer or the headers of a request: both hold
secrets, and botocore quotes them where it cannot read an answer or cannot send a header.
"""

import json
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
    ResponseStreamingError,
)

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.iam.codes import UNREADABLE, Make, error_of
from keyswitch.iam.exceptions import BUGS, CREDENTIALS, EXCEPTIONS, no_credentials, wrong_setting
from keyswitch.iam.sdk import UnreadableAnswer


@contextmanager
def translated(action: str, subject: str) -> Iterator[None]:
    """Map whatever botocore raises in a call.

    Args:
        action: the IAM permission that the call needs, such as `iam:UpdateAccessKey`.
        subject: what it is about, put behind the action: `of user bob`.

    Raises:
        KeyswitchError: by the tables of codes and exceptions. What is not of botocore passes through untouched.
    """
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, action, subject) from _cause(error)
    except (BotoCoreError, UnreadableAnswer) as error:
        make = _of_exception(error)
        if make is None:
            raise
        raise make(action, subject, _said(error)) from _cause(error)


@contextmanager
def obtaining(what: str, source: Callable[[str], str]) -> Iterator[None]:
    """Map whatever is raised while botocore finds credentials or builds clients.

    It reads files, runs programs and asks other services for them, and lets any exception of theirs pass.

    Args:
        what: what is obtained, such as `credentials`.
        source: names the file, variable or profile where it was looked for, given what was said.

    Raises:
        KeyswitchError: it names that source.
    """
    try:
        yield
    except KeyswitchError:
        raise
    except Exception as error:
        made = _obtained(error, what, source(_said(error)))
        if made is None:
            raise
        raise made from _cause(error)


def _obtained(error: Exception, what: str, source: str) -> KeyswitchError | None:
    if isinstance(error, ClientError):
        return _of_answer(error, _ACTIONS.get(error.operation_name, f"sts:{error.operation_name}"), f"for {source}")
    make = _of_exception(error) if isinstance(error, BotoCoreError | UnreadableAnswer) else no_credentials
    if make is no_credentials and what != CREDENTIALS:
        make = wrong_setting
    return make(what, f"{'by' if make is wrong_setting else 'from'} {source}", _said(error)) if make else None


_ACTIONS = {
    "GetRoleCredentials": "sso:GetRoleCredentials",
    "CreateToken": "sso-oauth:CreateToken",
    "CreateOAuth2Token": "signin:CreateOAuth2Token",
}
"""Operations of other services than STS that hand out credentials."""


def _of_answer(error: ClientError, action: str, subject: str) -> KeyswitchError:
    answer = error.response.get("Error", {})
    code = str(answer.get("Code") or "no code")
    said = one_line(str(answer.get("Message") or "no message")).rstrip(".")
    make = error_of(code, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return make(action, subject, said if code == UNREADABLE else f"{said} ({one_line(code)})")


def _of_exception(error: Exception) -> Make | None:
    """What makes the error of an exception; None for a bug."""
    for kind in type(error).__mro__:
        if kind.__name__ in BUGS:
            return None
        if kind.__name__ in EXCEPTIONS:
            return EXCEPTIONS[kind.__name__]
    return None


def _cause(error: Exception) -> Exception | None:
    """The exception to keep as a cause, with as much of its own causes as quotes nothing secret.

    Tracebacks keep their lines and lose their variables: botocore's hold requests and answers.
    """
    if not _is_safe(error) and type(error) not in _PLAIN:
        error.args = ("its text is not shown",)  # whoever prints variables finds it in the frames of contextlib
        return None
    last: BaseException = error
    traceback.clear_frames(last.__traceback__)
    while earlier := last.__cause__ or (None if last.__suppress_context__ else last.__context__):
        if not _is_safe(earlier):
            last.__cause__ = last.__context__ = None
            break
        last = earlier
        traceback.clear_frames(last.__traceback__)
    return error


def _is_safe(error: BaseException) -> bool:
    """Whether the text of an exception is known to quote no body, no header and no line of a file."""
    return isinstance(error, _SAFE) and not _quotes(error)


_SAFE = (
    KeyswitchError,
    BotoCoreError,
    ClientError,
    OSError,
    EOFError,
    RuntimeError,
    json.JSONDecodeError,
    UnicodeDecodeError,
)

_PLAIN = (ValueError, KeyError, TypeError, AttributeError)
"""Python's own, exactly: botocore checks settings with them. Deeper in a chain they quote headers (http.client)."""


def _quotes(error: BaseException) -> bool:
    if isinstance(error, CredentialRetrievalError):
        return error.kwargs.get("provider") == "container-role"  # it repeats what the endpoint answered
    if isinstance(error, MetadataRetrievalError | UnreadableAnswer | ResponseStreamingError):
        return True
    return type(error) is HTTPClientError  # such as "Invalid header value", with the session token


def _said(error: object) -> str:
    """What an exception says, in one line; in our own words where it quotes a body or a header, or says nothing."""
    if isinstance(error, UnreadableAnswer):
        return "the answer cannot be read"
    if isinstance(error, HTTPClientError) and _quotes(error):
        reason = error.kwargs.get("error")
        if type(reason).__name__ == "LocationParseError":
            return "the URL of the endpoint or of the proxy (HTTPS_PROXY, HTTP_PROXY) cannot be read"
        return f"the request failed ({_said(reason) if isinstance(reason, OSError) else type(reason).__name__})"
    if isinstance(error, BotoCoreError):
        if _quotes(error):
            return "the endpoint that hands them out gave none"
        return one_line(str(error)).rstrip(".")
    if isinstance(error, OSError) and error.strerror:
        return one_line(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    if isinstance(error, json.JSONDecodeError):
        return "what was found there is not JSON"
    if isinstance(error, UnicodeDecodeError):
        return "what was found there is not text"
    if type(error) in (ValueError, RuntimeError, OSError):
        return one_line(str(error)).rstrip(".")
    return f"what was found there has not the expected form ({type(error).__name__})"


def one_line(text: str) -> str:
    """A text that others wrote, in one line, with what cannot be printed escaped and no password in a URL."""
    plain = re.sub(r"(?<=://)[^/@\s]*@", "", " ".join(text.split()))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)
