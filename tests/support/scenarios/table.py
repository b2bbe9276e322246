"""All scenarios, and those of them that run on the real engine, too."""

from tests.support.scenarios.dangerous import DANGEROUS
from tests.support.scenarios.harmless import HARMLESS
from tests.support.scenarios.odd import ODD

SCENARIOS = (*HARMLESS, *DANGEROUS, *ODD)
ON_THE_ENGINE = tuple(scenario for scenario in SCENARIOS if scenario.engine)
