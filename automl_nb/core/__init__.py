"""The vocabulary everything else is written in: errors, facts, events, registries, settings.

Nothing here imports torch, transformers, scikit-learn, pandas or IPython.
"""
