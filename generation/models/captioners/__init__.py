"""Caption models, which describe pictures for a training."""
