"""The component `KeyswitchAccess`: the roles that may preview and apply, who may assume them, and the alarm.

Uses pulumi-aws, which nothing else of keyswitch loads. The documents come from `policies.py` and `trust.py`.
"""

from collections.abc import Mapping

import pulumi
from pulumi_aws import iam

from keyswitch.access.coverage import Coverage
from keyswitch.access.notification import Alarm, notify
from keyswitch.access.policies import Reads, Role, fits, policy, text_of, too_long
from keyswitch.access.trust import Source, trust_policy
from keyswitch.access_key.shown import line

_HOUR = 3600


class KeyswitchAccess(pulumi.ComponentResource):
    """Two roles for the pipeline of a stack of keyswitch, and the alarm for switches by anybody else.

    Attributes:
        preview_role_arn: the role of pull requests and scheduled checks; it cannot write.
        apply_role_arn: the role of the protected environment or branch; it switches keys of the covered users.
        provider_arn: the identity provider that both roles trust.
        alarm_target_arn: what the alarm notifies; None: there is no alarm.
    """

    preview_role_arn: pulumi.Output[str]
    apply_role_arn: pulumi.Output[str]
    provider_arn: pulumi.Output[str]
    alarm_target_arn: pulumi.Output[str] | None

    def __init__(
        self,
        resource_name: str,
        source: Source,
        covered: Coverage,
        *,
        reads: Reads = Reads.DECLARED,
        provider_arn: str | None = None,
        path: str = "/",
        permissions_boundary: pulumi.Input[str] | None = None,
        alarm: Alarm | None = Alarm(),  # noqa: B008  (it is immutable)
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the roles `<resource_name>-preview` and `<resource_name>-apply`.

        Args:
            resource_name: also how the names of all resources in AWS begin.
            source: the repository or project whose pipelines assume the roles.
            covered: the users whose keys the apply role switches.
            reads: what both roles look up.
            provider_arn: an identity provider that the account has; None: it is made.
            path: of both roles and their policies.
            permissions_boundary: the ARN of a policy that bounds both roles.
            alarm: what is notified; None: there is no alarm.
            tags: of everything that has tags here.
            opts: as for any component.

        Raises:
            PolicyTooLong: the covered users do not fit into a policy.
        """
        if not fits(covered, reads):
            raise too_long(covered, reads)
        super().__init__("keyswitch:access:KeyswitchAccess", resource_name, None, opts)
        if covered.note:
            pulumi.log.warn(line(covered.note), self)
        account, needs = covered.account, []
        if provider_arn is None:
            provider_arn = f"arn:{account.partition}:iam::{account.account_id}:oidc-provider/{source.issuer}"
            needs.append(
                iam.OpenIdConnectProvider(
                    resource_name,
                    url=f"https://{source.issuer}",
                    client_id_lists=[source.audience],
                    tags=tags,
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        self.provider_arn = pulumi.Output.from_input(provider_arn)
        subjects = {Role.PREVIEW: source.preview_subjects(), Role.APPLY: source.apply_subjects()}
        arns = {}
        for role in Role:
            name, own = f"{resource_name}-{role.value}", pulumi.ResourceOptions(parent=self)
            made = iam.Role(
                name,
                name=name,
                path=path,
                description=f"keyswitch: {role.value} changes of access keys",
                assume_role_policy=text_of(trust_policy(provider_arn, source.audience, subjects[role])),
                max_session_duration=_HOUR,
                permissions_boundary=permissions_boundary,
                tags=tags,
                opts=pulumi.ResourceOptions(parent=self, depends_on=needs),
            )
            document = text_of(policy(role, covered, reads))
            allowed = iam.Policy(name, name=name, path=path, policy=document, tags=tags, opts=own)
            iam.RolePolicyAttachment(name, role=made.name, policy_arn=allowed.arn, opts=own)
            arns[role] = made.arn
        self.preview_role_arn, self.apply_role_arn = arns[Role.PREVIEW], arns[Role.APPLY]
        self.alarm_target_arn = None
        if alarm is not None:
            apply_role = f"{path}{resource_name}-{Role.APPLY.value}".removeprefix("/")
            self.alarm_target_arn = notify(
                resource_name, account, apply_role, alarm, tags, pulumi.ResourceOptions(parent=self)
            )
        self.register_outputs(
            {
                "previewRoleArn": self.preview_role_arn,
                "applyRoleArn": self.apply_role_arn,
                "providerArn": self.provider_arn,
                "alarmTargetArn": self.alarm_target_arn,
            }
        )
