"""The command `keyswitch`, one file a command. It never loads pulumi, and loads moto only for the sandbox."""
