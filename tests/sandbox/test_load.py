"""How much the sandbox bears. The bounds are for a busy machine of two cores; the figures are printed."""

import http.client
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from keyswitch.sandbox.seed import generated
from keyswitch.sandbox.server import Sandbox

CLIENTS = 32
HEADERS = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIARZPUZDIKOPERATOR/20260101/us-east-1/iam/aws4_request, none",
    "Content-Type": "application/x-www-form-urlencoded",
}


@pytest.mark.timed
def test_many_clients_at_once() -> None:
    """32 clients for two seconds: nobody is refused, and at least 300 requests a second are answered."""
    counts = [0] * CLIENTS

    def ask(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)
        while time.monotonic() < end:
            body = f"Action=ListAccessKeys&UserName=user-{client:05d}&Version=2010-05-08"
            connection.request("POST", "/", body, HEADERS)
            answer = connection.getresponse()
            answer.read()
            counts[client] += answer.status == 200
        connection.close()

    with Sandbox(generated(CLIENTS, 2)) as sandbox:
        end = time.monotonic() + 2
        threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(counts) == len(sandbox.journal)
        assert {request.outcome for request in sandbox.journal} == {"ok"}
    assert min(counts) > 0
    print(f"{sum(counts) / 2:.0f} requests a second")
    assert sum(counts) / 2 >= 300


@pytest.mark.timed
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_two_thousand_keys_are_light() -> None:
    """A sandbox with 2,000 keys is ready within two seconds and stays under 200 MB."""
    begun = time.monotonic()
    arguments = [sys.executable, "-m", "keyswitch", "sandbox", "--users", "1000"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("# ready"):
                break
        ready = time.monotonic() - begun
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.terminate()
        process.communicate()
    resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    print(f"ready after {ready:.1f} s, {resident:.0f} MB")
    assert ready < 2
    assert resident < 200
