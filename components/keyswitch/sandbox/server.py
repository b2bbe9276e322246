"""The sandbox: an IAM and an STS on loopback that answer as AWS does where access keys are concerned.

A thin layer in front of moto: it settles who signs, checks the parameters, answers what moto answers otherwise
than AWS, and hands everything else to moto. It keeps a journal, and has bad luck on request.
"""

import os
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from moto.moto_api._internal.models import moto_api_backend

from keyswitch.sandbox import administration, loopback
from keyswitch.sandbox.answering import Answering
from keyswitch.sandbox.authorization import administrator
from keyswitch.sandbox.faults import Fault, Request
from keyswitch.sandbox.listener import Server, StartResponse
from keyswitch.sandbox.seed import EXAMPLE, OPERATOR, OPERATOR_KEY, OPERATOR_NAME, Seed, account_of, plant
from keyswitch.sandbox.wire import Refusal

__all__ = ["Fault", "Request", "Sandbox"]


@dataclass
class Sandbox(Answering):
    """An IAM on loopback, as a context manager; one at a time in a process.

    Attributes:
        seed: what it holds at the start.
        port: on loopback; 0: any free one.
        token: what the endpoint `/_sandbox/` wants.
    """

    seed: Sequence[Seed] = EXAMPLE
    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    _server: Server | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Sandbox":
        """Start it; it answers when this returns.

        Raises:
            OSError: the port is taken.
        """
        moto_api_backend.reset()
        plant([*self.seed, OPERATOR], self.account)
        if self.world.enforces_policies:
            administrator(self.world.account(self.account), OPERATOR_NAME)
        self._server = Server(self.port, self._serve)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True, name="sandbox")
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop it."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @property
    def account(self) -> str:
        """The account of its keys."""
        return account_of(self.seed)

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead any AWS client to the sandbox, as the operator, and away from everything else."""
        no_proxy = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
        direct = ",".join(filter(None, (no_proxy, "127.0.0.1,localhost")))
        return {
            "AWS_ACCESS_KEY_ID": OPERATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": f"sandbox-{secrets.token_hex(8)}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": direct,
            "no_proxy": direct,
            administration.TOKEN_VARIABLE: self.token,
        }

    def statuses(self, account: str | None = None) -> dict[str, str]:
        """The status of each key as it was last written, the operator's excepted."""
        keys = self.world.account(account or self.account).backend.access_keys.values()
        return {k.access_key_id: k.status for k in keys if k.access_key_id != OPERATOR_KEY}

    def set_status(self, access_key_id: str, status: str, account: str | None = None) -> None:
        """Switch a key behind everybody's back; seen at once."""
        key = self.world.account(account or self.account).backend.access_keys[access_key_id]
        key.status, key.changing = status, (None, None)

    def rename_user(self, user_name: str, new_user_name: str, account: str | None = None) -> None:
        """Rename a user; the keys follow."""
        self.world.account(account or self.account).update_user(user_name, new_user_name)

    def delete(self, access_key_id: str, account: str | None = None) -> None:
        """Delete a key, as somebody else might."""
        there = self.world.account(account or self.account)
        there.delete_key(there.backend.access_keys[access_key_id])

    def _serve(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        problem = loopback.problem(environ)
        if not environ["PATH_INFO"].startswith(administration.PATH):
            refusal = Refusal("AccessDenied", 403, problem) if problem else None
            return self.answer(environ, start_response, refusal)
        status, body = administration.administer(self, environ, problem)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status} {'OK' if status == 200 else 'Refused'}", headers)
        return [body]
