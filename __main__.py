"""The Pulumi program: the access keys that the stack configuration declares."""

from keyswitch.resources.program import run

run()
