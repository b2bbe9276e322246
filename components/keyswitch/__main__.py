"""`python -m keyswitch` runs the command `keyswitch`."""

from keyswitch.cli.main import main

main()
