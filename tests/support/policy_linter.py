"""A linter for the documents of IAM: cfn-lint, which knows every action and what it acts on.

Loading it takes as long as loading half of all tests, so only the tests that use it do.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def findings(*, policies: Sequence[Mapping[str, Any]] = (), trusts: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """What cfn-lint finds in policies, informational findings included; each with its rule's ID."""
    from cfnlint import lint
    from cfnlint.config import ManualArgs
    from cfnlint.rules import Rules
    from cfnlint.rules.resources import iam

    resources: dict[str, Any] = {
        **{
            f"Policy{number}": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
            for number, document in enumerate(policies)
        },
        **{
            f"Role{number}": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
            for number, document in enumerate(trusts)
        },
    }
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    rules = Rules.create_from_directory(next(iter(iam.__path__)))
    found = lint(template, rules, config=ManualArgs(regions=["us-east-1"], include_checks=["I"]))
    return [f"{match.rule.id} {match.message[:200]} {match.path}" for match in found]
