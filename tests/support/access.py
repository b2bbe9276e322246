"""Users, an account and an identity provider, for the tests of the roles."""

from keyswitch.access.coverage import Account
from keyswitch.access_key.inventory import User
from keyswitch.sandbox.seed import ACCOUNT as ACCOUNT_ID

ACCOUNT = Account(ACCOUNT_ID)
BOB, DEPLOY = User("Bob"), User("ci-deploy", "/ci/")
PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com"
