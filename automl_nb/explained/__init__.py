"""The steps of a run explained to the person whose rows they are.

| file | idea |
|---|---|
| `base` | a step: what it takes down of a run, and how that is told |
| `catalog`, `steps/` | the steps, one file each |
| `teacher` | follows a run and asks each step once it was reached |
| `words` | words from the catalogue, and what matplotlib can draw of them |
| `show` | explanations for notebooks and terminals |

What was taken down is an event of the run's journal, plain numbers and names without a word of
any language: it is told anew in any language and theme, also after the kernel is gone.
"""
