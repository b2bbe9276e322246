"""The resource `AccessKeyStatus`: declares the status of one access key. Makes no calls itself."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi.dynamic import Resource

from keyswitch.access_key.shown import line
from keyswitch.resources.properties import DECLARED_AS, OBSERVED, OUTPUTS, as_remembered
from keyswitch.resources.provider import AccessKeyStatusProvider
from keyswitch.resources.state import statuses_at_adoption


class AccessKeyStatus(Resource, module="keyswitch", name="AccessKeyStatus"):
    """The status, Active or Inactive, of an existing access key. Never creates or deletes a key or reads a secret.

    Creating the resource adopts the key: the key must exist, and its status is changed only if it differs.
    Deleting the resource leaves the key as it is, unless `on_removal` declares otherwise.

    Attributes:
        access_key_id: the key.
        status: the live status.
        owner: the user name of the owner; None for a key of the root user.
        account_id: the account of the key.
        status_at_adoption: the status of the key when it was adopted.
        declared_status: the status last declared; None while the key is only observed.
        last_switched_date: when the stack last switched the key (UTC, ISO 8601); None if it did not, or if somebody
            else has switched the key since.
        reason: the declared reason.
    """

    if TYPE_CHECKING:  # for editors only: the SDK would evaluate the annotations again for every resource
        access_key_id: pulumi.Output[str]
        status: pulumi.Output[str]
        owner: pulumi.Output[str | None]
        account_id: pulumi.Output[str]
        status_at_adoption: pulumi.Output[str]
        declared_status: pulumi.Output[str | None]
        last_switched_date: pulumi.Output[str | None]
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
        _observed: str | None = None,
        _seen: Mapping[str, str] | None = None,
    ) -> None:
        """Declare the status of one access key.

        Args:
            resource_name: the logical name, for example the access key ID.
            access_key_id: the key: 16 to 128 letters, digits or underscores.
            status: `Active` or `Inactive`. Without it the key is only observed.
            user_name: the owner. Without it the owner is looked up.
            root: the key belongs to the account's root user, who must sign.
            reason: why the key has this status. Previews show it, and the state stores it.
            on_removal: `leave`, `restore` or `deactivate`: the effect on the key when the resource is deleted.
            allow: the guards that this key may pass: `ownCredentials`, `recentlyUsed`, `lastActiveKey`,
                `tooManyAtOnce`.
            opts: as for any resource, but without `provider`.

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
            **(_seen or {}),
            "access_key_id": access_key_id,
            "user_name": user_name,
            "root": root or None,
            "status": status,
            "reason": reason,
            "on_removal": on_removal,
            "allow": sorted(allow) or None,
            "ignore_status": True if {"status", "*"}.intersection(ignored) else None,
            DECLARED_AS: resource_name if resource_name != access_key_id else None,
            OBSERVED: _observed if _observed is not None else _remembered(access_key_id),
        }
        shown = {name: properties.get(name) for name in ("status", "reason", *OUTPUTS)}  # attributes, even if unset
        given = {name: value for name, value in properties.items() if value is not None}
        super().__init__(AccessKeyStatusProvider(), resource_name, {**shown, **given}, opts)


def _remembered(access_key_id: pulumi.Input[str]) -> pulumi.Input[str] | None:
    """What the state remembers of a key, also where its resource has got another name; None: nothing."""
    adoptions = statuses_at_adoption()
    if not adoptions:
        return None
    if isinstance(access_key_id, str):
        return as_remembered(adoptions.get(access_key_id), len(adoptions))
    return pulumi.Output.all(access_key_id).apply(lambda ids: as_remembered(adoptions.get(ids[0]), len(adoptions)))
