"""`python -m keyswitch`: the same as the command `keyswitch`."""

from keyswitch.cli.main import main

main()
