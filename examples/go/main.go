package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"example.com/pulumi-keyswitch/sdk/go/keyswitch"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		old, err := keyswitch.NewAccessKeyStatus(ctx, "old", &keyswitch.AccessKeyStatusArgs{
			Access_key_id: pulumi.String("AKIAIOSFODNN7EXAMPLE"),
			Status:        keyswitch.StatusInactive,
			Reason:        pulumi.String("OPS-1234 moved to OIDC"),
		})
		if err != nil {
			return err
		}
		ctx.Export("status", old.Status)
		return nil
	})
}
