"""The policy pack `keyswitch`: serves its rules to the Pulumi engine."""

from pulumi_policy import PolicyPack

from rules import RULES

PolicyPack("keyswitch", list(RULES))
