"""Stands in for the plugin of pulumi-aws, which tests cannot download. It knows users only, and asks the sandbox."""

import sys
from importlib.metadata import version

import boto3
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import main


class Aws(sdk.Provider):
    """Creates and reads users. As the real plugin does, a preview knows every output that is an input."""

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse({}, [])

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        return sdk.ConfigureResponse(supports_preview=True)

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(request.new_inputs, [])

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        return sdk.DiffResponse(changes=False)

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        name = request.properties["name"]
        if not request.preview:
            boto3.client("iam").create_user(UserName=name.value)
        return sdk.CreateResponse("" if request.preview else name.value, request.properties)

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        user = boto3.client("iam").get_user(UserName=request.resource_id)["User"]
        named = {"name": PropertyValue(user["UserName"])}
        return sdk.ReadResponse(request.resource_id, named, named)

    async def delete(self, request: sdk.DeleteRequest) -> None:
        boto3.client("iam").delete_user(UserName=request.resource_id)


main(sys.argv[1:], version("pulumi-aws"), Aws())
