"""What runs a plan: the journal, the worker thread, and the loop that drives trials."""
