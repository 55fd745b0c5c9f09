"""The command line: ``automl-nb fit reviews.csv --label sentiment --out model``.

| file | what it does |
|---|---|
| `entry` | from the typed words to a command, its errors and its exit status |
| `commands` | what each command understands, and does |
| `demo` | the whole way on embedded data, as an executed notebook |
| `tables` | data frames to files and to the terminal |

It imports only `automl_nb.api`, and that when a command first needs it, and `automl_nb.core`.
"""

from automl_nb.cli.entry import main

__all__ = ["main"]
