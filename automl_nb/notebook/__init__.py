"""The front end in a notebook: ``%load_ext automl_nb``, then ``%automl``.

| file | what it does |
|---|---|
| `extension` | makes everything known to IPython, and takes it back |
| `magics` | the one magic, its settings, and how errors are shown |
| `commands`, `parsers` | what each subcommand does, and what it understands |
| `line` | divides the typed line into words and puts in ``$names`` |
| `body`, `toml_body`, `statements` | what stands below the line: settings, a query |
| `typed_rows` | rows that stand below the line |
| `lookup` | from a word to a data frame, a model, a run |
| `live`, `background` | draw a run while it works, in the cell or behind it |
| `front_end` | asks the front end for the person's language |
| `completion`, `body_completion` | what the Tab key offers, on the line and below it |

It imports only `automl_nb.api`, and that when a command first needs it, and `automl_nb.core`.
"""
