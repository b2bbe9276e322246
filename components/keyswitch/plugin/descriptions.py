"""The texts of the package's schema that no model has. Holds no logic."""

from collections.abc import Mapping
from enum import Enum

from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName, Level

PACKAGE = "An on/off switch for AWS IAM access keys that lives in Git."

PROVIDER = (
    "The account and the guards for access keys. The settings have the names of a stack's `aws:` and `keyswitch:` "
    "settings. Without an explicit provider they are read from `keyswitch:` in the stack's configuration; `aws:` "
    "settings are not visible to this package."
)

RESOURCE_TEXT = (
    "The status, Active or Inactive, of an existing access key. Never creates or deletes a key or reads a secret.\n\n"
    "Creating the resource adopts the key: the key must exist, and its status is changed only if it differs. Deleting "
    "the resource leaves the key as it is, unless `on_removal` declares otherwise."
)

COMPONENT_TEXT = (
    "All access keys of a program, judged as one change. If there are problems, a preview fails with all of them. An "
    "update makes all other changes if entries fail, and none if a guard refuses. "
    "Each key is a child that is named by its access key ID. Keys of a user that are activated come before those that "
    "are deactivated."
)

OUTPUTS: Mapping[str, str] = {
    "status": "The live status, as AWS shows it.",
    "owner": "The user name of the owner. A key of the root user has none.",
    "account_id": "The account of the key.",
    "status_at_adoption": "The status of the key when it was adopted.",
    "declared_status": "The status last declared. None while the key is only observed.",
    "last_switched_date": "When the stack last switched the key (UTC, ISO 8601). None if it did not, or if somebody "
    "else has switched the key since.",
}

FOUND: Mapping[str, str] = {
    "access_key_id": "The access key.",
    "status": "The live status, as AWS shows it.",
    "owner": "The user name of the owner. A key of the root user has none.",
    "account_id": "The account of the key.",
    "create_date": "When the key was created (UTC, ISO 8601).",
    "age_days": "The age of the key in days.",
    "last_used_date": "The last recorded use (UTC, ISO 8601). None if AWS has recorded no use.",
    "last_used_service": "The service of the last recorded use.",
    "last_used_region": "The region of the last recorded use.",
}

FUNCTIONS: Mapping[str, str] = {
    "getAccessKey": "Looks up an access key: owner, status, age and last use.",
    "getAccessKeys": "Looks up all access keys of a user.",
    "checkAccessKeys": "Judges a whole change: looks up all keys at once and asks every guard about all of them. Fails "
    "with every problem in one message. Resources that are declared just so afterwards are not judged one by one.",
    "statuses": "The status of each key after the change, by access key ID.",
    "lines": "The change in words: a line for each key, then the total.",
}
"""The descriptions of the functions and of what they return."""

ENUMS: Mapping[type[Enum], Mapping[str, str]] = {
    Status: {
        "": "A status that can be declared.",
        "Active": "AWS accepts requests that the key signs.",
        "Inactive": "AWS refuses requests that the key signs.",
    },
    OnRemoval: {
        "": "What happens to a key whose resource is deleted.",
        "leave": "Nothing.",
        "restore": "The key gets its status at adoption back.",
        "deactivate": "The key becomes Inactive.",
    },
    GuardName: {
        "": "A guard that an access key may pass.",
        "ownCredentials": "Refuses to deactivate a key that the run itself depends on.",
        "recentlyUsed": "Refuses to deactivate a key that was used recently.",
        "lastActiveKey": "Refuses to leave a user without an active key.",
        "tooManyAtOnce": "Refuses to deactivate too many keys in one change.",
    },
    Level: {
        "": "What a guard does.",
        "block": "Stops the change.",
        "warn": "Only warns.",
        "off": "Does not check.",
    },
}
"""The description of each enumeration, under "", and of its words."""

EXAMPLES = """\
{{% examples %}}
## Example Usage
{{% example %}}
### Deactivate a key

```yaml
resources:
  bob:
    type: keyswitch:AccessKeyStatus
    properties:
      access_key_id: AKIAIOSFODNN7EXAMPLE
      status: Inactive
      reason: OPS-1234 moved to OIDC
```
```python
import pulumi_keyswitch as keyswitch

keyswitch.AccessKeyStatus(
    "bob", access_key_id="AKIAIOSFODNN7EXAMPLE", status="Inactive", reason="OPS-1234 moved to OIDC"
)
```
```typescript
import * as keyswitch from "@pulumi/keyswitch";

new keyswitch.AccessKeyStatus("bob", {
    access_key_id: "AKIAIOSFODNN7EXAMPLE",
    status: "Inactive",
    reason: "OPS-1234 moved to OIDC",
});
```
{{% /example %}}
{{% /examples %}}

## Import

```sh
$ pulumi import keyswitch:index:AccessKeyStatus bob AKIAIOSFODNN7EXAMPLE
```"""
