"""The real provider: the package `keyswitch` for every language of Pulumi."""
