"""Orders joined to the store: how each stands, who was asked what, what is around it, and the file of a Provider.

What would surprise: nothing here stores a conclusion. A result is worked out from facts each time, as the figures are.
"""

from monitor.orders.standing import OrderStanding, Survey, survey, waiting

__all__ = ["OrderStanding", "Survey", "survey", "waiting"]
