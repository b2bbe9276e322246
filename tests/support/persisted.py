"""What users' states hold and no version may change: the type tokens and the serialized provider."""

import pickle

ACCESS_KEY_STATUS = "pulumi-python:dynamic/keyswitch:AccessKeyStatus"
ACCESS_KEYS = "keyswitch:index:AccessKeys"
PROVIDERS = {
    4: "gASVPwAAAAAAAACMHGtleXN3aXRjaC5yZXNvdXJjZXMucHJvdmlkZXKUjBdBY2Nlc3NLZXlTdGF0dXNQcm92aWRlcpSTlCmBlC4=",
    5: "gAWVPwAAAAAAAACMHGtleXN3aXRjaC5yZXNvdXJjZXMucHJvdmlkZXKUjBdBY2Nlc3NLZXlTdGF0dXNQcm92aWRlcpSTlCmBlC4=",
}
"""The serialized provider, by pickle's protocol. Pulumi takes Python's default: 4, and 5 since Python 3.14."""
PROVIDER = PROVIDERS[pickle.DEFAULT_PROTOCOL]
