"""The operation `UpdateAccessKey` as a call of the library, for scripts and notebooks."""

from typing import TYPE_CHECKING, Literal

from keyswitch.access_key.errors import AccessKeyNotFound, InvalidParameter
from keyswitch.access_key.model import Status, access_key_id_problem, status_problem, user_name_problem
from keyswitch.iam.codes import NoSuchEntity
from keyswitch.iam.connection import Connection
from keyswitch.iam.errors import translated
from keyswitch.iam.session import connect

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient


def update_access_key(
    *,
    access_key_id: str,
    status: Literal["Active", "Inactive"],
    user_name: str | None = None,
    client: "IAMClient | None" = None,
) -> None:
    """Change the status of one access key from Active to Inactive, or back.

    Repeating it is harmless. It takes effect within seconds, as IAM is eventually consistent; sessions
    made with the key before stay valid until they expire. No guard is asked.
    (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html)

    The documented example, Bob's key:

    >>> update_access_key(user_name="Bob", access_key_id="AKIAIOSFODNN7EXAMPLE", status="Inactive")

    Args:
        access_key_id: the key; 16 to 128 letters, digits or underscores.
        status: `Active` or `Inactive`, exactly.
        user_name: the owner. Left out, AWS takes the user whose access key signs the request; so root
            manages its own keys.
        client: a boto3 IAM client; left out, one is made from the usual environment and configuration.

    Raises:
        InvalidParameter: a value that IAM would refuse; nothing is sent.
        AccessKeyNotFound: that user has no such key, or there is no such user.
        AccessDenied: `iam:UpdateAccessKey` is missing.
        LimitExceeded, Throttled, RequestRefused, IamUnavailable: as their names say.
    """
    problems = [access_key_id_problem(access_key_id), status_problem(status)]
    if user_name is not None:
        problems.append(user_name_problem(user_name))
    if found := [problem for problem in problems if problem]:
        raise InvalidParameter("; ".join(found), "Nothing was sent")
    client = client or connect(Connection()).iam
    owner = f" of user {user_name}" if user_name else ""
    try:
        with translated("iam:UpdateAccessKey", f"for {access_key_id}{owner}"):
            if user_name is None:
                client.update_access_key(AccessKeyId=access_key_id, Status=Status(status).value)
            else:
                client.update_access_key(UserName=user_name, AccessKeyId=access_key_id, Status=Status(status).value)
    except NoSuchEntity as error:
        raise AccessKeyNotFound(
            f"There is no access key {access_key_id}{owner}", "Check the key ID, its owner and the account"
        ) from error
