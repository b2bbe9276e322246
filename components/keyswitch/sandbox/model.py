"""What AWS's own models say of IAM and STS: actions, versions, constraints of parameters."""

from functools import lru_cache

from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape

from keyswitch.sandbox.wire import Refusal


@lru_cache
def _service(service: str) -> ServiceModel:
    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


@lru_cache
def _actions(service: str) -> frozenset[str]:
    return frozenset(_service(service).operation_names)


def settle_action(service: str, action: str, version: str | None) -> None:
    """Check that the service has the action in this version.

    Raises:
        Refusal: MissingAction or InvalidAction.
    """
    if not action:
        raise Refusal("MissingAction", 400, "The request is missing an action or a required parameter.")
    if action not in _actions(service) or version != _service(service).api_version:
        named = version or "NO_VERSION_SPECIFIED"
        raise Refusal("InvalidAction", 400, f"Could not find operation {action} for version {named}")


@lru_cache(maxsize=512)
def parameters(service: str, action: str) -> tuple[dict[str, Shape], frozenset[str]]:
    """The shapes of an action's parameters, by name, and the names of those that are required."""
    shape = _service(service).operation_model(action).input_shape
    return (dict(shape.members), frozenset(shape.required_members)) if shape is not None else ({}, frozenset())


def is_paged(service: str, action: str) -> bool:
    """Whether an action's answer says if the list goes on."""
    shape = _service(service).operation_model(action).output_shape
    return shape is not None and "IsTruncated" in shape.members
