"""The catalogue of pictures.

To add one: write a `picture.Plot` in a file of its own, or a `row_plot.RowPlot` where it shows
single rows; add its line here.
"""

from __future__ import annotations

from automl_nb.core.registry import Registry, Spec

PLOTS = Registry(
    "plot",
    (
        Spec(
            "timeline",
            "automl_nb.report.run_plots:timeline",
            "Best score over the seconds of a run.",
            tags=("run",),
        ),
        Spec(
            "leaderboard",
            "automl_nb.report.leaderboard_plot:leaderboard",
            "The models with their intervals, best first.",
            tags=("run",),
        ),
        Spec(
            "curves",
            "automl_nb.report.run_plots:curves",
            "Learning curves of the trials.",
            tags=("run",),
        ),
        Spec(
            "trials",
            "automl_nb.report.trials_plot:trials",
            "Each trial over the seconds of a run: score, end, time taken.",
            tags=("run",),
        ),
        Spec(
            "pareto",
            "automl_nb.report.pareto_plot:pareto",
            "Score over what the models cost: ms a row, bytes on disk.",
            tags=("run",),
        ),
        Spec(
            "parallel",
            "automl_nb.report.parallel_plot:parallel",
            "Settings of the trials of one strategy, a line a trial.",
            tags=("search",),
        ),
        Spec(
            "importance",
            "automl_nb.report.importance_plot:importances",
            "How much each setting had to do with the best scores.",
            "Watanabe, Bansal & Hutter 2023, arXiv 2304.10255",
            requires=("optuna",),
            tags=("search",),
        ),
        Spec(
            "architecture",
            "automl_nb.report.architecture_plot:architecture",
            "How a head that was searched for is wired.",
            tags=("run",),
        ),
        Spec(
            "confusion",
            "automl_nb.report.confusion_plot:confusion",
            "Which classes are taken for which, as counts or (share=True) as rates.",
            tags=("scorecard",),
        ),
        Spec(
            "roc",
            "automl_nb.report.answer_plots:roc",
            "Share of a class found against false alarms.",
            tags=("scorecard",),
        ),
        Spec(
            "pr",
            "automl_nb.report.answer_plots:pr",
            "Precision against recall.",
            tags=("scorecard",),
        ),
        Spec(
            "calibration",
            "automl_nb.report.answer_plots:calibration",
            "Probabilities against what came true.",
            tags=("scorecard",),
        ),
        Spec(
            "residuals",
            "automl_nb.report.residual_plot:residuals",
            "Predicted against true numbers.",
            tags=("scorecard",),
        ),
        Spec(
            "errors",
            "automl_nb.report.errors_plot:errors",
            "The most confident errors: texts or pictures, what was said, what is right.",
            tags=("rows",),
        ),
        Spec(
            "embedding",
            "automl_nb.report.embedding_plot:embedding",
            "A map of rows by their features (PCA, or UMAP), wrong answers as crosses.",
            "Pearson 1901, doi 10.1080/14786440109462720; McInnes et al. 2018, arXiv 1802.03426",
            tags=("rows",),
        ),
    ),
)
