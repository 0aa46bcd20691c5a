"""Villages, co-operatives, enterprises, sending units and stations."""
