"""What to try next: searchers over a `core.space.Space`, each an Optuna sampler.

| file | what it is |
|---|---|
| `study` | asks a searcher, hears the results, rebuilds itself from a journal |
| `base` | `Searcher`: an Optuna sampler that knows the space and has no memory of its own |
| `unit` | parameters as places between 0 and 1 |
| `catalog` | every searcher by name; one file each |
| `auto` | which searcher fits the number, cost and kind of trials, and why |
| `portfolio` | a few configurations that cover many tasks |
| `importance` | which settings told the best trials from the others |
| `pareto` | the front of several objectives, and a choice from it |
"""
