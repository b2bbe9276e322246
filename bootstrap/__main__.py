"""Makes the roles, the identity provider and the alarm for one stack of keyswitch. An administrator runs it.

Run it again when the stack declares keys of other users: the apply role covers exactly the declared users.
docs/access.md lists the settings.
"""

from pathlib import Path

import pulumi

from keyswitch.access.component import KeyswitchAccess
from keyswitch.access.coverage import Account, Coverage, by_path, by_tag
from keyswitch.access.declared import declared_users
from keyswitch.access.notification import Alarm
from keyswitch.access.policies import Reads, covering
from keyswitch.access.trust import GITLAB, GitHub, GitLab, Source
from keyswitch.access_key.account import require_account
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.shown import line
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.stack import Settings
from keyswitch.iam.connection import Connection
from keyswitch.iam.directory import Directory
from keyswitch.iam.session import connect


def source(config: pulumi.Config) -> Source:
    """The repository or the project whose pipelines assume the roles."""
    branch = config.get("branch") or "main"
    if project := config.get("project"):
        issuer = config.get("issuer") or GITLAB
        return GitLab(project, config.get("audience") or f"https://{issuer}", branch, issuer)
    environments = config.get_object("environments") or ["production"]
    return GitHub(config.require("repository"), environments, branch)


def coverage(config: pulumi.Config, settings: Settings, directory: Directory) -> Coverage:
    """The users whose keys the apply role switches."""
    caller = directory.caller()
    require_account(caller, settings.account)
    account = Account(caller.account, caller.arn.split(":")[1])
    if path_prefix := config.get("pathPrefix"):
        return by_path(account, path_prefix)
    if tag := config.get("tag"):
        key, _, value = tag.partition("=")
        return by_tag(account, key, value)
    return covering(account, declared_users(settings.wanted, directory), reads(config))


def reads(config: pulumi.Config) -> Reads:
    """What both roles look up."""
    return Reads(config.get("reads") or Reads.DECLARED.value)


def run() -> None:
    """Declare everything, and export what the workflows need."""
    config, aws = pulumi.Config(), pulumi.Config("aws")
    directory = Directory(connect(Connection(region=aws.get("region"), profile=aws.get("profile"))))
    try:
        settings = settings_from_file(Path(config.get("stackFile") or "../stacks/Pulumi.prod.yaml"))
        access = KeyswitchAccess(
            "keyswitch",
            source(config),
            coverage(config, settings, directory),
            reads=reads(config),
            provider_arn=config.get("providerArn"),
            permissions_boundary=config.get("permissionsBoundary"),
            alarm=Alarm(config.get("alarmTargetArn"), config.get_object("emails") or ()),
        )
    except KeyswitchError as error:
        raise pulumi.RunError(str(error)) from error
    except ValueError as error:
        raise pulumi.RunError(line(error)) from error
    pulumi.export("previewRoleArn", access.preview_role_arn)
    pulumi.export("applyRoleArn", access.apply_role_arn)
    pulumi.export("alarmTargetArn", access.alarm_target_arn)


run()
