"""Pictures and a page of a run: everything that one would show to somebody else.

| file | idea |
|---|---|
| `catalog`, `plots` | the kinds of pictures: `draw(kind, state, scorecard)` |
| `picture`, `ink`, `scale` | a figure that shows itself in any theme; colours, fonts, limits |
| `run_plots`, `leaderboard_plot` | the run: learning curves, best score over time, models |
| `trials_plot`, `parallel_plot`, `importance_plot` | the trials: over time, by settings |
| `tried_plots` | which trials and settings these compare |
| `answer_plots`, `confusion_plot`, `residual_plot` | a model's answers |
| `augmentation_plot` | what augmentations make of some pictures or texts |
| `html`, `sections`, `page` | the report: one self-contained HTML file |
"""

from automl_nb.report.html import write_report
from automl_nb.report.plots import alt_text, draw, drawable

__all__ = ["alt_text", "draw", "drawable", "write_report"]
