"""Jobs on their way into channels: delivery, results, recovery, and the tasks behind them."""
