"""The resource `AccessKeyStatus`: one access key and the status it is to have."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import Resource

from keyswitch.access_key.shown import line
from keyswitch.resources.properties import DECLARED_AS, OBSERVED, OUTPUTS
from keyswitch.resources.provider import AccessKeyStatusProvider


class AccessKeyStatus(Resource, module="keyswitch", name="AccessKeyStatus"):
    """Whether an existing access key is Active or Inactive. Never creates a key, deletes one, or sees a secret.

    Creating the resource adopts the key: it must exist, and is written only if its status differs.
    Deleting it leaves the key alone, unless `on_removal` says otherwise.

    Attributes:
        access_key_id: the key.
        status: the status AWS shows.
        owner: the user name AWS names; None for a key of the root user.
        account_id: the account the key is in.
        status_at_adoption: the status it had when it was taken over.
        declared_status: the status last asked for; None while it is only observed.
        reason: why, as given.
    """

    if TYPE_CHECKING:  # for readers and editors; the SDK would evaluate annotations anew for every single resource
        access_key_id: pulumi.Output[str]
        status: pulumi.Output[str]
        owner: pulumi.Output[str | None]
        account_id: pulumi.Output[str]
        status_at_adoption: pulumi.Output[str]
        declared_status: pulumi.Output[str | None]
        reason: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        access_key_id: pulumi.Input[str],
        status: pulumi.Input[str] | None = None,
        user_name: pulumi.Input[str] | None = None,
        root: bool = False,
        reason: pulumi.Input[str] | None = None,
        on_removal: pulumi.Input[str] = "leave",
        allow: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
        _observed: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare the status of one access key.

        Args:
            resource_name: the logical name; the access key ID is a good one.
            access_key_id: the key; 16 to 128 letters, digits or underscores.
            status: `Active` or `Inactive`; left out, the key is only observed.
            user_name: the owner; left out, it is looked up.
            root: the key is one of the account's root user, who must sign.
            reason: why; shown in previews, kept in the state.
            on_removal: `leave`, `restore` or `deactivate` the key when the resource is deleted.
            allow: the guards this key may pass: `ownCredentials`, `recentlyUsed`, `lastActiveKey`.
            opts: as for any resource, but no `provider`.

        Raises:
            pulumi.RunError: `opts` names a provider.
        """
        if opts is not None and (opts.provider is not None or opts.providers):
            raise pulumi.RunError(
                f"{line(resource_name)}: AccessKeyStatus takes no provider. It is a dynamic resource, for which "
                "Pulumi ignores that option, so the key would be looked for in another account than you "
                "mean. Choose the account with aws:profile or aws:assumeRoles in the stack's configuration"
            )
        ignored = opts.ignore_changes if opts is not None and opts.ignore_changes else ()
        properties = {
            "access_key_id": access_key_id,
            "user_name": user_name,
            "root": root or None,
            "status": status,
            "reason": reason,
            "on_removal": on_removal,
            "allow": sorted(allow) or None,
            "ignore_status": True if {"status", "*"}.intersection(ignored) else None,
            DECLARED_AS: resource_name if resource_name != access_key_id else None,
            OBSERVED: json.dumps(_observed) if _observed else None,  # a text: each value of a map would be an Output
        }
        shown = {name: properties.get(name) for name in ("status", "reason", *OUTPUTS)}  # attributes, even if unset
        given = {name: value for name, value in properties.items() if value is not None}
        super().__init__(AccessKeyStatusProvider(), resource_name, {**shown, **given}, opts)
