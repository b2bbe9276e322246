"""The roles that may preview and apply: their policies, derived from what keyswitch asks of AWS, and the alarm."""
