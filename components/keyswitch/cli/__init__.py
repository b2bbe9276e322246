"""The command `keyswitch`, one file per command. It never loads pulumi, and loads moto only for the sandbox."""
