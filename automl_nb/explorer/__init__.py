"""A look at a new task before any fine-tuning: which network suits it, and what it is like.

| file | what it does |
|---|---|
| `scores` | how well frozen features tell the answers, one file a score |
| `squares` | least squares with every row left out once, the one linear model of this folder |
| `curve` | linear probes on nested subsets, the learning curve through them, and its forecast |
| `cost` | what a network costs here: items a second, memory, disk |
| `candidates` | which networks can be had for which column, and the baselines beside them |
| `decide` | ranks, evidence and the recommendation in words |
| `survey` | the recipe: all of this within a budget of time |
| `card`, `card_view` | the decision card that comes out of it, as data, text and HTML |
| `choose` | the short form that a run uses to order its networks |
| `scripts`, `language` | which scripts rows are in, and which networks read them |
| `similarity` | how alike two data sets are, one file a measure |
| `fingerprint`, `memory`, `rivals`, `advice` | what is kept of earlier tasks, and what follows |
| `remembered`, `elsewhere` | what the card says of earlier tasks and of networks to fetch |
"""
