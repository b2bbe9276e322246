"""GET, POST and presigned requests are one request through three doors; every answer has AWS's form."""

import http.client
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape
from botocore.signers import RequestSigner

from keyswitch.sandbox import operations
from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import BOB, DOORS, NOBODYS, Answer, aws, headers, presigned, raw, send, shown

SWITCH = {"UserName": "Bob", "AccessKeyId": BOB, "Status": "Inactive"}
doors = pytest.mark.parametrize("door", DOORS)


def form(answer: Answer) -> None:
    """Check the form that every answer of AWS's has: one request ID, and an error's three elements."""
    request_id = next(node.text for node in answer.xml.iter() if node.tag.endswith("}RequestId"))
    assert answer.headers["x-amzn-RequestId"] == request_id
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", request_id or "")
    assert answer.headers["Content-Type"] == "text/xml"
    if answer.status >= 400:
        elements = {child.tag.partition("}")[2] for child in answer.xml[0]}
        assert {"Type", "Code"} <= elements <= {"Type", "Code", "Message"}, answer.body


@doors
def test_a_switch_through_each_door(sandbox: Sandbox, door: str) -> None:
    """UpdateAccessKey does its work and answers as its documented sample, which is a GET, says."""
    answer = raw(sandbox, "UpdateAccessKey", door=door, **SWITCH)
    form(answer)
    assert [node.tag.partition("}")[2] for node in answer.xml.iter()] == [
        "UpdateAccessKeyResponse", "ResponseMetadata", "RequestId"
    ]  # fmt: skip
    assert shown(sandbox, "Bob")[BOB] == "Inactive"
    entry = sandbox.journal[0]
    assert (entry.action, entry.signer, entry.outcome) == ("UpdateAccessKey", OPERATOR_KEY, "ok")
    assert entry.parameters == {"Action": "UpdateAccessKey", "Version": "2010-05-08", **SWITCH}


@doors
@pytest.mark.parametrize(
    ("action", "signer", "given", "code"),
    [
        ("UpdateAccessKey", OPERATOR_KEY, {**SWITCH, "Status": "Bogus"}, "ValidationError"),
        ("UpdateAccessKey", OPERATOR_KEY, {**SWITCH, "Status": "Expired"}, "ValidationError"),
        ("UpdateAccessKey", OPERATOR_KEY, {**SWITCH, "AccessKeyId": "short"}, "ValidationError"),
        ("UpdateAccessKey", OPERATOR_KEY, {"UserName": "Bob", "AccessKeyId": BOB}, "ValidationError"),
        ("UpdateAccessKey", OPERATOR_KEY, {**SWITCH, "UserName": "nobody"}, "NoSuchEntity"),
        ("UpdateAccessKey", None, SWITCH, "MissingAuthenticationToken"),
        ("UpdateAccessKey", NOBODYS, SWITCH, "InvalidClientTokenId"),
        ("GetAccessKeyLastUsed", OPERATOR_KEY, {"AccessKeyId": NOBODYS}, "AccessDenied"),
        ("CreateAccessKey", OPERATOR_KEY, {"UserName": "Bob"}, "LimitExceeded"),
        ("GetRole", OPERATOR_KEY, {"RoleName": "nobody"}, "NoSuchEntity"),
        ("CreateGroup", OPERATOR_KEY, {"GroupName": "a b"}, "ValidationError"),
        ("CreateGroup", None, {"GroupName": "staff"}, "MissingAuthenticationToken"),
    ],
    ids=[
        "Bogus", "Expired", "short ID", "no status", "no user", "unsigned", "unknown signer", "unknown key",
        "third key", "of moto: no role", "of moto: bad name", "of moto: unsigned",
    ],
)  # fmt: skip
def test_a_refusal_at_each_door(
    sandbox: Sandbox, door: str, action: str, signer: str | None, given: dict[str, str], code: str
) -> None:
    """The same rules, and nothing is changed."""
    before = sandbox.statuses()
    answer = raw(sandbox, action, signer, door=door, **given)
    form(answer)
    assert answer.code == code
    assert sandbox.statuses() == before
    assert sandbox.journal[-1].outcome == code
    assert raw(sandbox, "GetGroup", GroupName="staff").code == "NoSuchEntity"


def _filler(name: str, shape: Shape) -> str:
    """A valid value for a parameter, of nothing that is there but Bob."""
    known = {"UserName": "Bob", "Path": "/x/", "NewPath": "/x/", "PathPrefix": "/x/", "Marker": "0"}
    known |= {"AWSServiceName": "ec2.amazonaws.com", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}
    if name in known:
        return known[name]
    if shape.type_name in ("integer", "long"):
        return str(shape.metadata.get("min", 1))
    accepted: list[str] = getattr(shape, "enum", [])
    if accepted or shape.type_name == "boolean":
        return accepted[0] if accepted else "true"
    if shape.metadata.get("pattern") in (r"[\d]+", r"[\d]*"):
        return "123456"
    return "n" * max(shape.metadata.get("min", 0), 12)


def _requests() -> list[Any]:
    found = []
    for service in ("iam", "sts"):
        model = ServiceModel(create_loader().load_service_model(service, "service-2"), service)
        for action in model.operation_names:
            shape = model.operation_model(action).input_shape
            members = shape.members.items() if shape else ()
            plain = {n: _filler(n, s) for n, s in members if s.type_name not in ("list", "map", "structure")}
            junk = {**plain, "Marker": "junk", "MaxItems": "0", "UserName": "a b", "Status": "Bogus"}
            found += [(service, action, given) for given in ({}, plain, junk)]
    return found


def test_every_action_at_every_door(sandbox: Sandbox) -> None:
    """Without parameters, with all, with bad ones: never a closed connection, never a failure, always AWS's form."""
    for service, action, given in _requests():
        answers = [raw(sandbox, action, service=service, door=door, **given) for door in DOORS]
        for answer in answers:
            form(answer)
        assert {answer.status for answer in answers} <= {200, 400, 403, 404, 409, 410}, (action, given)
        refused = ("Throttling", "InternalFailure")
        assert not [answer.code for answer in answers if answer.code in refused], (action, given, answers)


def test_a_url_that_botocore_presigned(sandbox: Sandbox) -> None:
    """A GET without any header of AWS's, as a token for EKS is one."""
    sts = aws(sandbox, service="sts")
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert isinstance(sts._request_signer, RequestSigner)
    answer = send(sandbox, "GET", url.partition(str(sandbox.port))[2])
    assert answer.status == 200
    assert f"arn:aws:iam::{ACCOUNT}:user/operator".encode() in answer.body


def test_a_form_beside_a_query(sandbox: Sandbox) -> None:
    """A POST whose action stands in the URL is one request, too."""
    query = urlencode({"Action": "UpdateAccessKey", "Version": "2010-05-08", "UserName": "Bob"})
    body = urlencode({"AccessKeyId": BOB, "Status": "Inactive"})
    assert send(sandbox, "POST", f"/?{query}", body, headers(OPERATOR_KEY)).status == 200
    assert sandbox.statuses()[BOB] == "Inactive"


@doors
@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ({"Action": "Nonsense", "Version": "2010-05-08"}, "InvalidAction", "Nonsense for version 2010-05-08"),
        ({"Action": "ListUsers", "Version": "2010-05-09"}, "InvalidAction", "ListUsers for version 2010-05-09"),
        ({"Action": "ListUsers"}, "InvalidAction", "ListUsers for version NO_VERSION_SPECIFIED"),
        ({"Action": "GetCallerIdentity", "Version": "2010-05-08"}, "InvalidAction", "for version 2010-05-08"),
        ({"Version": "2010-05-08"}, "MissingAction", "missing an action"),
        ({}, "MissingAction", "missing an action"),
    ],
    ids=["no such action", "wrong version", "no version", "of another service", "no action", "nothing"],
)
def test_an_action_that_is_none(sandbox: Sandbox, door: str, query: dict[str, str], code: str, message: str) -> None:
    """InvalidAction or MissingAction, 400."""
    if door == "presigned":
        answer = send(sandbox, "GET", f"/?{urlencode({**query, **presigned(OPERATOR_KEY)})}")
    elif door == "GET":
        answer = send(sandbox, "GET", f"/?{urlencode(query)}", given=headers(OPERATOR_KEY))
    else:
        answer = send(sandbox, "POST", "/", urlencode(query), headers(OPERATOR_KEY))
    form(answer)
    assert (answer.status, answer.code) == (400, code)
    assert message in (answer.message or "")


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"Content-Length": "many"}, ""),
        ({"Content-Length": "-5"}, ""),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/only/three"}, "Action=ListUsers&Version=2010-05-08"),
        ({"Authorization": "Basic xyz"}, "Action=ListUsers&Version=2010-05-08"),
        (headers(OPERATOR_KEY), "Action=%00%ff%01&Version=2010-05-08"),
        (headers(OPERATOR_KEY), "Action=ListAccessKeys&Version=2010-05-08&UserName=%ed%a0%80%00"),
        (headers(OPERATOR_KEY, "sts"), "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=%00%0b%ff%f0"),
        (headers(OPERATOR_KEY, "sts"), f"Action=AssumeRole&Version=2011-06-15&RoleSessionName=x&RoleArn={'%01' * 30}"),
    ],
    ids=[
        "length is text", "negative length", "broken signature", "another scheme", "control characters in an action",
        "surrogates", "control characters that are repeated", "an ARN of control characters",
    ],
)  # fmt: skip
def test_what_no_client_sends(sandbox: Sandbox, given: dict[str, str], body: str) -> None:
    """It is answered in AWS's form, in XML that can be read, and the next request is answered, too."""
    answer = send(sandbox, "POST", "/", body, given)
    form(answer)
    assert 400 <= answer.status < 500
    assert raw(sandbox, "ListUsers").status == 200


@doors
def test_a_failure_inside(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    """InternalFailure 500 with what failed; the journal says so, and the connection goes on."""

    def fails(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setitem(operations.OPERATIONS, ("iam", "ListAccessKeys"), fails)  # type: ignore[arg-type]
    monkeypatch.setattr("moto.iam.responses.IamResponse.list_groups", fails)
    for action in ("ListAccessKeys", "ListGroups"):
        answer = raw(sandbox, action, door=door)
        form(answer)
        assert (answer.status, answer.code) == (500, "InternalFailure")
        assert answer.message == "The sandbox failed: KeyError: 'surprise'"
        assert sandbox.journal[-1].outcome == "InternalFailure"


def test_motos_errors_have_awss_statuses(sandbox: Sandbox) -> None:
    """DeleteConflict 409, EntityAlreadyExists 409, NoSuchEntity 404 with AWS's words, MalformedPolicyDocument 400."""
    iam = aws(sandbox)
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="Bob")
    seen = [
        raw(sandbox, "DeleteGroup", GroupName="nobody"),
        raw(sandbox, "CreateGroup", GroupName="staff"),
        raw(sandbox, "DeleteUser", UserName="Bob"),
        raw(sandbox, "PutUserPolicy", UserName="Bob", PolicyName="p", PolicyDocument="{"),
        raw(sandbox, "AddUserToGroup", UserName="nobody", GroupName="staff"),
        raw(sandbox, "GetRole", RoleName="nobody"),
        raw(sandbox, "GetSSHPublicKey", UserName="Bob", SSHPublicKeyId="APKA" + "X" * 16, Encoding="SSH"),
        raw(sandbox, "DeactivateMFADevice", UserName="Bob", SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/none"),
        raw(sandbox, "DeleteVirtualMFADevice", SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/none"),
    ]
    for answer in seen:
        form(answer)
    assert [(answer.status, answer.code) for answer in seen] == [
        (404, "NoSuchEntity"),
        (409, "EntityAlreadyExists"),
        (409, "DeleteConflict"),
        (400, "MalformedPolicyDocument"),
        *[(404, "NoSuchEntity")] * 5,
    ]
    assert [answer.message for answer in seen if answer.code != "MalformedPolicyDocument"] == [
        "The group with name nobody cannot be found.",
        "Group with name staff already exists.",
        "Cannot delete entity, must delete access keys first.",
        "The user with name nobody cannot be found.",
        "The role with name nobody cannot be found.",
        "The Public Key with id APKAXXXXXXXXXXXXXXXX cannot be found.",
        *[f"MFA Device with serial number arn:aws:iam::{ACCOUNT}:mfa/none does not exist."] * 2,
    ]


@pytest.mark.parametrize(
    "action", ["ListAccessKeys", "ListUsers", "ListGroups", "ListSSHPublicKeys", "ListSigningCertificates", "ListRoles"]
)
def test_every_list_says_whether_it_goes_on(sandbox: Sandbox, action: str) -> None:
    """IsTruncated is always there, whoever makes the list."""
    found = [node.text for node in raw(sandbox, action).xml.iter() if node.tag.endswith("}IsTruncated")]
    assert found == ["false"]


@pytest.mark.parametrize("action", ["ListAccessKeys", "ListUsers", "ListRoles", "ListGroups", "ListMFADevices"])
def test_a_bad_marker(sandbox: Sandbox, action: str) -> None:
    """A marker that was not handed out: ValidationError "Invalid Marker.", whoever makes the list."""
    answer = raw(sandbox, action, Marker="junk")
    assert (answer.status, answer.code, answer.message) == (400, "ValidationError", "Invalid Marker.")


def test_another_services_requests_are_motos(sandbox: Sandbox) -> None:
    """With moto's headers and body; moto's own administration stays shut."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    signed = {**headers(OPERATOR_KEY, "s3"), "Content-Length": "0"}
    connection.request("POST", "/moto-api/reset", "", signed)
    assert connection.getresponse().read().startswith(b"<ErrorResponse")
    connection.close()
    assert sandbox.statuses()[BOB] == "Active"
    assert raw(sandbox, "ListAccessKeys", UserName="Bob").status == 200
