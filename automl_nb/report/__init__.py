"""Pictures and a page of a run: everything that one would show to somebody else.

| file | idea |
|---|---|
| `plots` | the catalogue of pictures: `draw(kind, state, scorecard)` |
| `picture`, `ink` | a matplotlib figure that shows itself in any theme; colours and fonts |
| `run_plots`, `leaderboard_plot` | the run: learning curves, best score over time, models |
| `answer_plots`, `confusion_plot`, `residual_plot` | a model's answers |
| `html`, `sections`, `page` | the report: one self-contained HTML file |
"""
