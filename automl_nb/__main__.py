"""``python -m automl_nb`` is the command line."""

from automl_nb.cli import script

script()
