"""Cover of townships by commissioners: the map, the gaps and what lies behind them."""
