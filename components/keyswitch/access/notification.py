"""The alarm as resources: a rule in the region of IAM, and what it notifies. The pattern is that of `alarm.py`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, sns

from keyswitch.access.alarm import alarm_pattern
from keyswitch.access.coverage import Account
from keyswitch.access.partitions import IAM_REGIONS


@dataclass(frozen=True)
class Alarm:
    """What an access key that somebody else makes, switches or deletes notifies.

    Attributes:
        target_arn: an existing target in the region of IAM, whose own policy must let EventBridge in; None: a new
            SNS topic.
        emails: who subscribes to the new topic; AWS asks each address to confirm.
    """

    target_arn: pulumi.Input[str] | None = None
    emails: Sequence[str] = ()


def notify(
    name: str,
    account: Account,
    apply_role: str,
    alarm: Alarm,
    tags: Mapping[str, pulumi.Input[str]] | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Register the alarm, and return the ARN of what it notifies.

    Args:
        name: how the names of the resources begin.
        account: where the keys are.
        apply_role: the name of the apply role, which raises no alarm, after its path if it has one.
        alarm: what is notified.
        tags: of the rule and the topic.
        opts: of every resource.
    """
    region = IAM_REGIONS[account.partition]
    rule = cloudwatch.EventRule(
        f"{name}-alarm",
        name=f"{name}-alarm",
        description="An access key was made, switched or deleted, and not by the pipeline of keyswitch",
        event_pattern=json.dumps(alarm_pattern(account.account_id, account.partition, apply_role)),
        region=region,
        tags=tags,
        opts=opts,
    )
    if alarm.target_arn:
        target = pulumi.Output.from_input(alarm.target_arn)
    else:
        topic = sns.Topic(f"{name}-alarm", name=f"{name}-alarm", region=region, tags=tags, opts=opts)
        _let_in(name, topic, rule, region, opts)
        for email in alarm.emails:
            sns.TopicSubscription(
                f"{name}-alarm-{email}", topic=topic.arn, protocol="email", endpoint=email, region=region, opts=opts
            )
        target = topic.arn
    cloudwatch.EventTarget(f"{name}-alarm", rule=rule.name, arn=target, region=region, opts=opts)
    return target


def _let_in(name: str, topic: sns.Topic, rule: cloudwatch.EventRule, region: str, opts: pulumi.ResourceOptions) -> None:
    """Let the rule publish to the topic."""
    statement = {
        "Sid": "OnlyTheRule",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic.arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule.arn}},
    }
    policy = pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.TopicPolicy(f"{name}-alarm", arn=topic.arn, policy=policy, region=region, opts=opts)
