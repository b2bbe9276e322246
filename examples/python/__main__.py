"""Switches off a key that was not used for a while, and shows all keys of its owner."""

import pulumi
import pulumi_keyswitch as keyswitch

old = keyswitch.AccessKeyStatus(
    "old",
    access_key_id="AKIAIOSFODNN7EXAMPLE",
    status=keyswitch.Status.INACTIVE,
    reason="OPS-1234 moved to OIDC",
)
keys = keyswitch.get_access_keys_output(user_name="Bob")

pulumi.export("status", old.status)
pulumi.export("keys", keys.access_keys.apply(lambda found: [key.access_key_id for key in found]))
