"""From data to a model: the plan, its stages, the ensemble and what is saved."""
