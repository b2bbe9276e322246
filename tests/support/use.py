"""Uses an access key, as a service does that signs a request with it."""

from datetime import timedelta

from keyswitch.sandbox.incoming import Incoming
from keyswitch.sandbox.server import Sandbox

RECORDED_SOON = timedelta(minutes=8)
"""After so long the sandbox shows a use."""


def use(sandbox: Sandbox, access_key_id: str) -> None:
    """Sign a request with a key, and let the time pass after which AWS shows that."""
    sandbox.world.signer(Incoming("GET", {}, b"", access_key_id, "s3", "eu-west-1", ""))
    sandbox.world.clock.advance(RECORDED_SOON)
