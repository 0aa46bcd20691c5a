"""Divisions of the city: their names, dates, seats and shapes."""
