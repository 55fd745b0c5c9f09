"""How long trials may go on: `base` (the contract), one file a scheduler, `catalog`."""
