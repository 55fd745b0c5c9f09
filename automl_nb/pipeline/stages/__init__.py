"""The stages of the plan, one file each: `work(bench) -> note`."""
