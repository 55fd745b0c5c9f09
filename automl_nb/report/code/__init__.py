"""A model of a run as plain Python: pandas, scikit-learn, torch, transformers, nothing of ours."""

from automl_nb.report.code.write import plain_code

__all__ = ["plain_code"]
