"""The form: a run asked for, steered and used without typing code."""
