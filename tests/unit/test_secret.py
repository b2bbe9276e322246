"""What is taken for a secret: access keys' secrets and session tokens, wherever they stand; and what is not."""

import base64
import random

import pytest

from keyswitch.access_key.secret import holds_a_secret, without_secrets
from tests.support.hostile import SECRET

TOKEN = (
    "AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT+FvwqnKwRcOIfrRh3c/LTo6UDdyJwOOvEVPvLXCrrrUtdnniCEXAMPLE/IvU1dYUg2RVA"
    "JBanLiHb4IgRmpRV3zrkuWJOgQs8IZZaIv2BXIa2R4OlgkBN9bkUDNCJiBeb/AXlzBBko7b15fjrBs2+cTQtpZ3CYWFXG8C5zqx37wnOE49mRl/+OtkI"
    "KGO7fAE=="
)
"""The session token of AWS's documentation (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html)."""


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"{SECRET}\n",
        f"  {SECRET}  ",
        f'"{SECRET}"',
        f"'{SECRET}'",
        f"aws_secret_access_key={SECRET}",
        f"aws_secret_access_key = {SECRET}",
        f"AWS_SECRET_ACCESS_KEY={SECRET};",
        f"AKIAIOSFODNN7EXAMPLE:{SECRET}",
        f"AKIAIOSFODNN7EXAMPLE,{SECRET}",
        f"rotated, the new secret is {SECRET}.",
        f"https://AKIAIOSFODNN7EXAMPLE:{SECRET}@example.com/",
        f"bucket/{SECRET}",
        f"arn:aws:iam::123456789012:role/switch {SECRET}",
        f"/tmp/test_39/{SECRET}/x",
        f"{{'SecretAccessKey': '{SECRET}'}}",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        TOKEN,
        f"aws_session_token={TOKEN}",
        TOKEN[:120],
        TOKEN[20:90],
    ],
)
def test_a_secret_is_found_in_whatever_is_around_it(text):
    """It need not be the whole value; what is shown instead holds no part of it."""
    assert holds_a_secret(text)
    left = without_secrets(text)
    assert "(not shown: looks like a secret)" in left
    assert not holds_a_secret(left)
    assert not any(SECRET[n : n + 8] in left or TOKEN[n : n + 8] in left for n in range(30))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AKIAIOSFODNN7EXAMPLE",
        "OPS-1234 moved to OIDC",
        "arn:aws:iam::123456789012:role/service-role/MyVeryLongRole2NameForDeploymentPurposes",
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/JohnDoe",
        "arn:aws:iam::123456789012:user/division_abc/subdivision_xyz/product_1234/engineering/JohnDoe",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html",
        "https://github.com/AcmeCorp/MyInfrastructureRepo/pull/1234/files/Main",
        "https://github.com/AcmeCorporation/InfraAsCode1/pull/1",
        "see com/AcmeCorp/Infrastructure/pull/1234/files for more",
        "https://github.com/acme/app/blob/da39a3ee5e6b4b0d3255bfef95601890afd80709/README1",
        "https://github.com/acme/app/blob/3f2a9c0b1d4e5f60718293a4b5c6d7e8f9001122/README1",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha1/da39a3ee5e6b4b0d3255bfef95601890afd80709/Main",
        "550e8400-e29b-41d4-a716-446655440000",
        "/Users/JohnDoe/Documents/Projects2024/Infrastructure/MyApplication/stacks",
        "/tmp/pytest-of-root/pytest-0/popen-gw0/test_x0/stacks/Pulumi.prod.yaml",
        "a" * 40,
        "A" * 40,
        "1" * 40,
        "thequickbrownfoxjumpsoverthelazydogagain",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "-" * 80,
        "=" * 80,
        "the secret of the key AKIAIOSFODNN7EXAMPLE was rotated at 2025-06-01T12:00:00Z",
        "wJalrXUtnFEMI/K7MDENG",
    ],
)
def test_what_is_no_secret_raises_no_alarm(text):
    """Names, ARNs, URLs, hashes, tickets and words; each of these would be refused without a way out."""
    assert not holds_a_secret(text)
    assert without_secrets(text) == text


def test_hardly_any_real_secret_is_missed():
    """30 random bytes in base64: at least 998 of 1,000 are found, behind a path at least 900."""
    chance = random.Random(40)
    secrets = [base64.b64encode(chance.randbytes(30)).decode() for _ in range(1_000)]
    assert sum(map(holds_a_secret, secrets)) >= 998
    assert sum(holds_a_secret(f"bucket/{secret}") for secret in secrets) >= 900


@pytest.mark.timed
def test_long_texts_take_no_time():
    """The time grows with the length alone."""
    assert not holds_a_secret("ab1C" * 3 + "a" * 1_000_000)
