"""Plans for a year's dispatch: what-ifs side by side, solved in the background, published as invitations or dropped."""
