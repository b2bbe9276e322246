"""Every use of something that botocore does not document, each with what it gains and what happens without it.

A test holds all other modules to botocore's documented interface: sessions, clients, their configuration, exceptions.
"""

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    DeferredRefreshableCredentials,
    ReadOnlyCredentials,
)
from botocore.parsers import ResponseParserError, ResponseParserFactory

from keyswitch.iam.codes import THROTTLING, UNREADABLE
from keyswitch.iam.pace import Pace

UnreadableAnswer = ResponseParserError
"""What clients raise that are not built here, such as one that a script hands to `update_access_key`.

Gains: it is told in one line, without the answer that it quotes. Without: it is a traceback that shows the answer.
"""


def is_long_term(credentials: Credentials) -> bool:
    """Whether credentials were found in a way that may give an access key of a user.

    Gains: the key behind a role is known without asking AWS. Without: the guard of the run's own key misses it.
    """
    return credentials.method in ("env", "shared-credentials-file", "config-file", "custom-process")


def is_assumed(credentials: Credentials) -> bool:
    """Whether they are those of a role that a profile assumes; gains and costs as above."""
    return bool(credentials.method == _ASSUMED)


_ASSUMED = "assume-role"


class Session(botocore.session.Session):
    """A session whose clients all use the run's settings, and sign with whatever credentials they are given.

    botocore's own credential providers build their clients with `create_client` of the session.
    Gains: the role of a profile is assumed at the STS of `aws:endpoints`, with the run's patience and region.
    Without: it is assumed at AWS's own STS, even when a change is rehearsed in a sandbox.

    Its clients share what one session has read, megabytes of JSON (30 ms of CPU for each further session).

    Args:
        profile: of the AWS configuration files.
    """

    def __init__(self, profile: str | None = None) -> None:
        super().__init__(profile=profile)
        self._for_clients: Config | None = None
        self._at_endpoints: Mapping[str, str | None] = {}
        self._signed_by: Credentials | None = None
        self.register_component("response_parser_factory", _Parsers())

    def configure(self, region: str, config: Config, endpoints: Mapping[str, str | None]) -> None:
        """Set what all clients of IAM and STS use; the region is for all others, too, unless they have their own."""
        self.set_config_variable("region", region)
        self.get_component("data_loader").list_available_services = _any_service
        self._for_clients, self._at_endpoints = config, endpoints

    def client(self, service_name: str, signed_by: Credentials, **given: Any) -> Any:  # noqa: ANN401  (botocore's own)
        """Build a client that signs with these credentials, and refreshes them when they expire.

        Args:
            service_name: such as `iam`.
            signed_by: the credentials.
            given: more arguments of `create_client`.
        """
        self._signed_by = signed_by
        try:
            return self.create_client(service_name, **given)
        finally:
            self._signed_by = None

    def get_credentials(self) -> Any:  # noqa: ANN401  (botocore's own)
        """The credentials a client is being built for; else those that botocore finds."""
        return self._signed_by or super().get_credentials()

    def create_client(self, service_name: str, *args: Any, **given: Any) -> Any:  # noqa: ANN401  (botocore's own)
        """Build a client with the run's settings where none are given."""
        if service_name in self._at_endpoints:
            config = given.get("config")
            given["config"] = self._for_clients.merge(config) if self._for_clients and config else self._for_clients
            given["endpoint_url"] = given.get("endpoint_url") or self._at_endpoints[service_name]
        client = super().create_client(service_name, *args, **given)
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"needs-retry.{service}", _as_outage)
        return client


class _Any:
    """Contains every name."""

    def __contains__(self, name: object) -> bool:
        return True


def _any_service(_type_name: str) -> _Any:
    """Every service. Whether botocore has its model shows when that is loaded.

    Gains: a third of the CPU time that it takes to connect, and 2,700 look-ups of files. botocore lists all services of
    AWS before it loads the model of one.
    Without: it lists them.
    """
    return _Any()


class Refreshing(Credentials):
    """Credentials that a failure to refresh them turns into one line, also in the middle of a run.

    Signers ask for `get_frozen_credentials`.
    Gains: a token file that is gone after an hour is told as that. Without: it is a traceback out of a call.

    Args:
        given: the credentials.
        translation: the context that translates whatever refreshing raises.
    """

    def __init__(self, given: Credentials, translation: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__("", "", method=given.method)
        self._given, self._translation = given, translation

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """The key, its secret and token as they are now; refreshed if they have to be."""
        with self._translation():
            return self._given.get_frozen_credentials()

    def get_deferred_property(self, property_name: str) -> Callable[[], str | None]:
        """As the credentials that were given."""
        return self._given.get_deferred_property(property_name)


def assumed(session: Session, source: Credentials, role_arn: str, parameters: Mapping[str, Any]) -> Credentials:
    """The credentials of a role, assumed on first use and again before they expire.

    Gains: a run may last longer than the role's session. Without: AssumeRole once, and the run ends with its session.
    """
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=session.create_client,
        source_credentials=source,
        role_arn=role_arn,
        extra_args={"RoleSessionName": "keyswitch", **parameters},
    )
    return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=_ASSUMED)


def keep_pace(client: Any, pace: Pace) -> None:  # noqa: ANN401  (botocore's own)
    """Let every attempt of every call of a client wait for its turn, and tell the pace what became of it.

    Gains: a bulk change keeps below what AWS lets pass. Without: it is throttled, and botocore's retries wait it out.
    """
    turn = threading.local()

    def before(**_: object) -> None:
        turn.went = pace.take()

    def after(parsed_response: Mapping[str, Any] | None = None, **_: object) -> None:
        if (parsed_response or {}).get("Error", {}).get("Code") in THROTTLING:
            pace.throttled(turn.went)
        else:
            pace.passed()

    client.meta.events.register("before-send.iam", before)
    client.meta.events.register("response-received.iam", after)


class _Parsers(ResponseParserFactory):
    """Parsers by which an answer that cannot be read, or is not AWS's, is an error like any other.

    botocore raises an error that quotes the answer, does not repeat the request, and takes any page of HTML for the
    answer of an operation that returns nothing.
    Gains: such an answer is repeated like a 5xx, and then said in one line. Without: it is not repeated, and a write
    counts as done that never reached AWS.
    """

    def create_parser(self, protocol_name: str) -> Any:  # noqa: ANN401  (botocore's own)
        return _Parser(super().create_parser(protocol_name), is_query=protocol_name == "query")


class _Parser:
    def __init__(self, parser: Any, *, is_query: bool) -> None:  # noqa: ANN401  (botocore's own)
        self._parser, self._is_query = parser, is_query

    def parse(self, response: Mapping[str, Any], shape: Any) -> dict[str, Any]:  # noqa: ANN401  (botocore's own)
        is_details = shape is not None and shape.metadata.get("exception")
        try:
            parsed: dict[str, Any] = self._parser.parse(response, shape)
        except Exception:  # it raises whatever an unexpected text makes it stumble over
            return {} if is_details else _unreadable(response)
        if is_details or self._is_answer(response, parsed, shape):
            return parsed
        return _unreadable(response)

    def _is_answer(self, response: Mapping[str, Any], parsed: Mapping[str, Any], shape: Any) -> bool:  # noqa: ANN401
        if response["status_code"] >= _FIRST_ERROR:
            return bool(parsed.get("Error", {}).get("Code"))
        if self._is_query and not _ROOT.match(response["body"]):
            return False
        return shape is None or all(name in parsed for name in (*shape.required_members, *_NEEDED.get(shape.name, ())))


_FIRST_ERROR = 300

_ROOT = re.compile(rb"\s*(?:<[?!][^>]*>\s*)*<(?!ErrorResponse)\w+Response[\s>]")
"""How every answer of IAM and STS to a successful request begins."""

_NEEDED = {"GetCallerIdentityResponse": ("Account", "Arn"), "AssumeRoleResponse": ("Credentials",)}
"""What such an answer always has, though botocore's model does not say so."""


def _unreadable(response: Mapping[str, Any]) -> dict[str, Any]:
    kind = re.match(r"[\w.+/-]*", str(response["headers"].get("content-type", "")))
    said = [f"HTTP status {response['status_code']}", kind[0] if kind else "", f"{len(response['body'])} bytes"]
    return {
        "Error": {"Code": UNREADABLE, "Message": ", ".join(part for part in said if part)},
        "ResponseMetadata": {"HTTPStatusCode": _BAD_GATEWAY, "HTTPHeaders": {}},
    }


_BAD_GATEWAY = 502


def _as_outage(response: Any = None, **_: object) -> None:  # noqa: ANN401  (botocore's own)
    """Let an unreadable answer count as a 5xx, which is repeated; botocore does the same for S3."""
    if response is not None and response[1].get("Error", {}).get("Code") == UNREADABLE:
        response[0].status_code = _BAD_GATEWAY
