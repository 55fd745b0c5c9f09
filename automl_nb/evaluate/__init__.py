"""How good is it: metrics, calibration, intervals and the scorecard.

| file | idea |
|---|---|
| `metrics` | the catalogue of metrics, and which one a run improves |
| `metric`, `judged` | what a metric is, and the weighted rows that it reads |
| `by_label`, `by_rank`, `by_probability`, `by_value` | the metrics themselves |
| `decide`, `tuning` | from scores to answers, with tuned thresholds |
| `calibration`, `reliability` | honest probabilities: temperature, expected calibration error |
| `bootstrap` | 95% intervals |
| `curves`, `scorecard`, `scorecard_view` | all of it for one model, to look at and to keep |
"""
