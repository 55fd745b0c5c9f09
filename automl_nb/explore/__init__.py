"""A look at a new task before any fine-tuning."""
