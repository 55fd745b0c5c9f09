"""Where trials run: `base` (the contract), one file an executor, `catalog`."""
