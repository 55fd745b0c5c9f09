"""What to try next: searchers over a `core.space.Space`, each an Optuna sampler.

| file | what it is |
|---|---|
| `study` | asks a searcher, hears the results, rebuilds itself from a journal |
| `book` | its trials by number, and which settings were tried |
| `optuna_study` | the same search as the searcher sees it: Optuna's trials, repeats among them |
| `sampler` · `custom` | a searcher out of its name; one that a person brings |
| `base` | `Searcher`: an Optuna sampler that knows the space and has no memory of its own |
| `unit` | parameters as places between 0 and 1 |
| `catalog` | every searcher by name; one file each |
| `auto` | which searcher fits the number, cost and kind of trials, and why |
| `portfolio` | a few configurations that cover many tasks |
| `importance` | which settings told the best trials from the others |
| `pareto` | the front of several objectives, and a choice from it |
"""
