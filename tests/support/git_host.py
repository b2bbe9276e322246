"""A Git server with HTTPS on loopback. Programs find it by its name, because it is also the proxy that they ask."""

import os
import shutil
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HOST = "git.example.com"
ADVERTISED = b"001e# service=git-upload-pack\n0000"
"""The first line of Git's answer to the question which branches and tags there are."""


class GitHost(ThreadingHTTPServer):
    """Serves the repositories in its folder. Every other host is refused."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        certificate, key = folder / "host.crt", folder / "host.key"
        folder.mkdir()
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
        _run("openssl", "req", "-x509", "-nodes", *curve, *names, "-keyout", key, "-out", certificate)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.environment = {
            "HTTPS_PROXY": f"http://127.0.0.1:{self.server_port}",
            "SSL_CERT_FILE": str(certificate),
        }

    def __enter__(self) -> "GitHost":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def publish(self, name: str, sources: Path, folders: tuple[str, ...], tag: str) -> None:
        """Make a repository of what Git would take of some folders, with one commit and one tag."""
        repository = self.folder / f"{name}.git"
        shutil.copytree(sources, repository, ignore=lambda at, names: _others(Path(at), names, sources, folders))
        git = ("git", "-C", repository, "-c", "user.name=x", "-c", "user.email=x@example.com")
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "One"], ["tag", "--no-sign", tag]):
            _run(*git, *command)


def require_tools() -> None:
    """Skip the test, by name, where a server with HTTPS cannot be made or would not be trusted."""
    for tool in ("git", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} on PATH")
    if sys.platform != "linux":
        pytest.skip("the Pulumi CLI reads SSL_CERT_FILE only on Linux")


def _others(at: Path, names: list[str], sources: Path, folders: tuple[str, ...]) -> list[str]:
    wanted = {*folders, ".gitignore"} if at == sources else set(names) - {".venv"}
    return [name for name in names if name not in wanted]


def _run(*command: str | Path) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(command, env=environment, capture_output=True, check=True)


class _Handler(BaseHTTPRequestHandler):
    """One connection: first to the proxy, then, encrypted, to the host."""

    server: GitHost
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        if self.path != f"{HOST}:443":
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the encrypted one, of which the server does not know

    def do_GET(self) -> None:
        self._answer("advertisement", ADVERTISED + self._upload_pack("--advertise-refs"))

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer("result", self._upload_pack(asked=asked))

    def _upload_pack(self, *options: str, asked: bytes = b"") -> bytes:
        name = self.path.partition(".git/")[0].lstrip("/")
        command = ["git", "upload-pack", "--stateless-rpc", *options, str(self.server.folder / f"{name}.git")]
        return subprocess.run(command, input=asked, capture_output=True, check=True).stdout

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
