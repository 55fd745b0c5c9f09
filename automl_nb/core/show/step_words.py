"""What is said where the steps of a run are explained, in English."""

STEP_WORDS = {
    "explain.heading": "What happened with your rows",
    "explain.left_out": "The step '{step}' can't be shown here ({why}).",
    "explain.comma": ", ",
    "explain.rows": "rows",
    "explain.rows_with": "rows with the label",
    "explain.share": "share of the rows",
    "explain.others": "all others",
    # the split
    "explain.split.title": "Rows are held out first",
    "explain.split.sealed": "{tested:,} of your {total:,} rows are sealed away: no model sees "
    "them until the end, so that the last score tells how well new rows will be answered.",
    "explain.split.nothing_sealed": "All {learnt:,} rows are learnt from; none are sealed away, so "
    "that there will be no test score.",
    "explain.split.by_stratified": "They were drawn by chance within each value of '{label}', so "
    "that both parts hold all of them in the same shares.",
    "explain.split.by_random": "They were drawn by chance.",
    "explain.split.by_group": "Rows with the same '{named}' stay in one part: otherwise a model "
    "could recognise a group instead of learning something.",
    "explain.split.by_time": "They are the latest by '{named}', as a model will be asked about "
    "what comes after the rows that it learnt from.",
    "explain.split.by_column": "The column '{named}' says which these are.",
    "explain.split.by_given": "You gave them as the test part.",
    "explain.split.folds": "The other {learnt:,} are divided {folds} times into rows to learn from "
    "(about {fit:,}) and rows to choose models by (about {judge:,}): each row is once among the "
    "latter, answered by a model that never saw it.",
    "explain.split.one_fold": "Of the other {learnt:,}, {fit:,} are to learn from and {judge:,} to "
    "choose models by.",
    "explain.split.learnt": "to learn and choose",
    "explain.split.tested": "sealed for the test",
    "explain.split.alt": "Bars of rows to learn from / sealed for the test. {bars}.",
    # frozen features
    "explain.features.title": "What a frozen network makes of your rows",
    "explain.features.text": "{backbone} was trained on other texts and stays as it is. It turns "
    "each text of '{column}' into {numbers:,} numbers, which are computed once; small models then "
    "learn '{label}' from them.",
    "explain.features.image": "{backbone} was trained on other pictures and stays as it is. It "
    "turns each picture of '{column}' into {numbers:,} numbers, which are computed once; small "
    "models then learn '{label}' from them.",
    "explain.features.plane": "The picture shows {n} of your rows along the two directions in "
    "which they differ most (principal components, {held:.0%} of the differences).",
    "explain.features.neighbours": "Though '{label}' was not told to the network, the nearest "
    "other row has the same one in {nearest:.0%} of the cases; any other row has it in {chance:.0%}.",
    "explain.features.first": "first principal component",
    "explain.features.second": "second",
    "explain.features.alt": "{n} rows as points in two dimensions, marked by '{label}': {names}.",
}
