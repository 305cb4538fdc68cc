"""What if: sliders for parameters of a scenario, simulated again as they move; in a notebook, or as a local page."""

from entente.explore.knobs import Knob
from entente.explore.live import Live

__all__ = ["Knob", "Live", "explore"]


def explore(scenario: object, parameters: object = None, tie: str | None = None, n: int = 200) -> object:
    """Sliders in a notebook (ipywidgets) for parameters of a scenario; the fan and the changes follow as they move.

    `scenario` is a `Scenario` or a path. `parameters` are paths, or a mapping of paths to (low, high) in the unit of
    the parameter's value; by default those of the scenario's `uncertain` and `sweep`. `tie` is the first that is
    drawn; `n` is the number of replicates of each variant. `entente explore SCENARIO` is the same as a page.
    """
    from entente.explore import widgets  # ipywidgets is optional

    return widgets.show(Live(scenario, parameters, n), tie)
