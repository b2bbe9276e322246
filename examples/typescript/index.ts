import * as keyswitch from "@pulumi/keyswitch";

const old = new keyswitch.AccessKeyStatus("old", {
    access_key_id: "AKIAIOSFODNN7EXAMPLE",
    status: "Inactive",
    reason: "OPS-1234 moved to OIDC",
});

export const status = old.status;
