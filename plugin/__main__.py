"""The provider plugin: serves the package `keyswitch` to the Pulumi engine."""

from keyswitch.plugin.server import main

main()
