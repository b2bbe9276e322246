"""The provider plugin: serves the package `keyswitch` of this repository to the engine. It need not be installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "components"))

from keyswitch.plugin.server import main

main()
