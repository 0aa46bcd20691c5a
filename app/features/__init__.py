"""The desks: one folder per noun, in the order of decisions; each may look left, never right."""
