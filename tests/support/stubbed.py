"""Who signs in the tests of `Gateway` that stub botocore's answers, and what their fixture is."""

from collections.abc import Callable

from botocore.stub import Stubber

from keyswitch.iam.gateway import Gateway

ROOT = "arn:aws:iam::123456789012:root"
BOB = "arn:aws:iam::123456789012:user/Bob"

Stubbed = Callable[..., tuple[Gateway, Stubber]]

Answering = Callable[..., str]
