"""Pictures and a page of a run: everything that one would show to somebody else.

| file | idea |
|---|---|
| `catalog`, `plots` | the kinds of pictures: `draw(kind, state, scorecard)` |
| `picture`, `ink`, `scale` | a figure that shows itself in any theme; colours, fonts, limits |
| `run_plots`, `leaderboard_plot` | the run: learning curves, best score over time, models |
| `trials_plot`, `parallel_plot`, `importance_plot` | the trials: over time, by settings |
| `tried_plots` | which trials and settings these compare |
| `answer_plots`, `confusion_plot`, `residual_plot` | a model's answers |
| `row_plot`, `errors_plot`, `embedding_plot` | single rows: the worst mistakes, a map |
| `mistakes`, `row_map` | what these two show, as facts |
| `augmentation_plot` | what augmentations make of some pictures or texts |
| `write`, `sections`, `again` | the report: its content, and how to train again |
| `document`, `to_html`, `page`, `to_markdown` | the same content as HTML and as Markdown |
"""

from automl_nb.report.plots import alt_text, draw, drawable
from automl_nb.report.write import write_report

__all__ = ["alt_text", "draw", "drawable", "write_report"]
