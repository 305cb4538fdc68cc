"""The courses of quantities over time, and their curves on the page."""
