"""What users' states hold and no version may change: the type tokens and the serialized provider."""

ACCESS_KEY_STATUS = "pulumi-python:dynamic/keyswitch:AccessKeyStatus"
ACCESS_KEYS = "keyswitch:index:AccessKeys"
PROVIDER = "gASVPwAAAAAAAACMHGtleXN3aXRjaC5yZXNvdXJjZXMucHJvdmlkZXKUjBdBY2Nlc3NLZXlTdGF0dXNQcm92aWRlcpSTlCmBlC4="
