"""Scenarios in Python: read, build, edit, check and run them (docs/scenarios-in-python.md)."""

from entente.scenario.problems import InvalidScenario, Problem, Problems
from entente.scenario.scenario import Scenario

__all__ = ["InvalidScenario", "Problem", "Problems", "Scenario"]
