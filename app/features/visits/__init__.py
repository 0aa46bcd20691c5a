"""Service visits: logged, confirmed by the served side, reviewed by the county."""
