"""Manages a user with pulumi-aws, and switches off an access key that the user already has."""

import pulumi
import pulumi_aws as aws
import pulumi_keyswitch as keyswitch

bob = aws.iam.User("bob", name="Bob", opts=pulumi.ResourceOptions(import_="Bob"))  # a user with keys exists already

old = keyswitch.AccessKeyStatus(
    "bobs-old-key",
    access_key_id="AKIAIOSFODNN7EXAMPLE",
    user_name=bob.name,
    status=keyswitch.Status.INACTIVE,
    reason="OPS-1234 moved to OIDC",
)

pulumi.export("user", bob.name)
pulumi.export("status", old.status)
