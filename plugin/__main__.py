"""The provider plugin: serves the package `keyswitch` of this repository to the engine. It need not be installed.

Without its packages it says what to do: Pulumi shows the output of a plugin that ends early.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "components"))

if sys.version_info < (3, 10):  # noqa: UP036  (Pulumi makes the virtual environment with any Python)
    sys.exit(
        f"The keyswitch plugin needs Python 3.10 or newer; {sys.executable} is {sys.version.split()[0]}.\n"
        f"Remove {FOLDER / '.venv'}, put a newer python3 first on PATH, then run `pulumi install`."
    )
try:
    from keyswitch.plugin.server import main
except ImportError as error:
    if error.name == "keyswitch":
        sys.exit(f"There is no folder components beside {FOLDER}: use the plugin in a whole copy of its repository.")
    if not error.name or error.name.startswith("keyswitch."):
        raise
    sys.exit(
        f"A package of the keyswitch plugin is missing or does not fit: {error}.\n"
        "Install the plugin's packages, then repeat (docs/provider.md says how without a network):\n"
        f'  "{sys.executable}" -m pip install --require-hashes -r "{FOLDER / "requirements.txt"}"'
    )
main()
