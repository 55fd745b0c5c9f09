"""What is said where the steps of a run are explained, in English."""

STEP_WORDS = {
    "explain.heading": "What happened with your rows",
    "explain.left_out": "The step '{step}' can't be shown here ({why}).",
    "explain.comma": ", ",
    "explain.blank": " ",
    "explain.rows": "rows",
    "explain.rows_with": "rows with the label",
    "explain.share": "share of the rows",
    "explain.others": "all others",
    # the split
    "explain.split.title": "Rows are held out first",
    "explain.split.sealed": "{tested:,} of your {total:,} rows are sealed away: no model sees "
    "them until the end, so that the last score tells how well new rows will be answered.",
    "explain.split.nothing_sealed": "All {learnt:,} rows are learnt from; none are sealed away, "
    "so that there will be no test score.",
    "explain.split.by_stratified": "They were drawn by chance within each value of '{label}', so "
    "that both parts hold all of them in the same shares.",
    "explain.split.by_random": "They were drawn by chance.",
    "explain.split.by_group": "Rows with the same '{named}' stay in one part: otherwise a model "
    "could recognise a group instead of learning something.",
    "explain.split.by_time": "They are the latest by '{named}', as a model will be asked about "
    "what comes after the rows that it learnt from.",
    "explain.split.by_column": "The column '{named}' says which these are.",
    "explain.split.by_given": "You gave them as the test part.",
    "explain.split.folds": "The other {learnt:,} are divided in {folds} ways into rows to learn "
    "from (about {fit:,}) and rows to choose models by (about {judge:,}): each row is once among "
    "the latter, answered by a model that never saw it.",
    "explain.split.one_fold": "Of the other {learnt:,}, {fit:,} are to learn from and {judge:,} "
    "to choose models by.",
    "explain.split.learnt": "to learn and choose",
    "explain.split.tested": "sealed for the test",
    "explain.split.alt": "Bars of rows to learn from / sealed for the test. {bars}.",
    # frozen features
    "explain.features.title": "What a frozen network makes of your rows",
    "explain.features.text": "{backbone} was trained on other texts and stays as it is. It turns "
    "each text of '{column}' into {numbers:,} numbers, which are computed once; small models "
    "then learn '{label}' from them.",
    "explain.features.image": "{backbone} was trained on other pictures and stays as it is. It "
    "turns each picture of '{column}' into {numbers:,} numbers, which are computed once; small "
    "models then learn '{label}' from them.",
    "explain.features.plane": "The picture shows {n} of your rows along the two directions in "
    "which they differ most (principal components, {held:.0%} of the differences).",
    "explain.features.neighbours": "Though '{label}' was not told to the network, the nearest "
    "other row has the same one in {nearest:.0%} of the cases; any other row has it in "
    "{chance:.0%}.",
    "explain.features.first": "first principal component",
    "explain.features.second": "second",
    "explain.features.alt": "{n} rows as points in two dimensions, marked by '{label}': {names}.",
    "explain.epochs": "epochs (passes over the rows)",
    "explain.trees": "trees",
    "explain.loss": "loss (less is better)",
    "explain.loss.train": "loss on rows learnt from",
    "explain.loss.held": "loss on rows held out",
    # one row of a table
    "explain.encoding.title": "A row becomes numbers",
    "explain.encoding.what": "Models calculate, so that the {columns} columns of your table "
    "become {numbers:,} numbers a row; the picture shows it for your first row.",
    "explain.encoding.number": "A number is brought to a common scale (0 is the mean, 1 a usual "
    "distance from it), as large units would drown small ones; its pieces let straight lines "
    "follow a bend.",
    "explain.encoding.category": "A category becomes one number for each value, 1 for its own "
    "and 0 for all others, as no value is larger than another.",
    "explain.encoding.date": "A date becomes its parts, so that seasons and weekdays can be seen.",
    "explain.encoding.trees": "Trees only ask what is larger, so that numbers stay as they are, "
    "gaps too; each value of a category gets a code, the most frequent one 0.",
    "explain.encoding.missing": "missing",
    "explain.encoding.more": "… {n} more",
    "explain.encoding.alt": "The first row and what it becomes. {row}.",
    # tokens
    "explain.tokens.title": "Texts are cut into pieces",
    "explain.tokens.pieces": "{backbone} knows {vocabulary:,} pieces of words. This text of "
    "'{column}' has {words} words and becomes {n} pieces: frequent words stay whole, rare ones "
    "are put together from parts, so that no word is unknown.",
    "explain.tokens.marks": "Marks show where a text begins and ends.",
    "explain.tokens.cut": "Longer texts take more time, so that only the first {limit} pieces of "
    "a text are read: {cut:.0%} of your texts are longer and lose their end; half have at most "
    "{usual}.",
    "explain.tokens.whole": "Up to {limit} pieces of a text are read, which is enough for all of "
    "those looked at; half have at most {usual}.",
    "explain.tokens.alt": "The pieces of one text: {pieces}",
    # the choice of the network
    "explain.backbone.title": "Why {backbone} reads your rows",
    "explain.backbone.asked": "You asked for {backbone}.",
    "explain.backbone.usual": "{backbone} is the usual first choice for '{column}': of the "
    "networks at hand it gives the best answers for the time it takes, on data sets that were "
    "measured before.",
    "explain.backbone.compared": "Several networks read {rows} of your rows, and the same simple "
    "model learnt from the features of each: {backbone} came first ({metric}: {scores}).",
    "explain.backbone.alike": "Several networks read {rows} of your rows, and the same simple "
    "model learnt from the features of each ({metric}: {scores}). So few rows can't tell these "
    "apart, so that {backbone} stays first, as usual.",
    "explain.backbone.size": "It holds {millions} million numbers that were learnt from far more "
    "rows than yours; using them is what transfer learning means.",
    "explain.backbone.worth": "Whether this helps is seen on rows that were held out ({metric}: "
    "{scores}).",
    "explain.backbone.without": "without a network",
    "explain.backbone.alone": "its features alone",
    "explain.backbone.both": "both side by side",
    "explain.backbone.alt": "Bars of {metric}: {scores}.",
    # the search
    "explain.search.title": "Settings are searched",
    "explain.search.what": "Models have settings that they can't learn themselves: {settings}. "
    "{tried} combinations were tried, each judged by its loss on rows that were held out.",
    "explain.search.learns": "Each new one was chosen from what the earlier ones reached, rather "
    "than from all that are possible (searcher: {searcher}).",
    "explain.search.chance": "They were chosen beforehand or by chance, whatever the earlier "
    "ones reached (searcher: {searcher}).",
    "explain.search.pruned": "{pruned} of them were ended early, as they fell behind.",
    "explain.search.best": "The best was number {number} with a loss of {loss}: {best}.",
    "explain.search.trial": "one combination",
    "explain.search.so_far": "best so far",
    "explain.search.number": "combination",
    "explain.search.alt": "The loss of {tried} combinations in the order in which they were "
    "tried; the best, {loss}, was number {number}.",
    # warm-up
    "explain.warm_up.title": "The learning rate warms up, then falls",
    "explain.warm_up.why": "Training {model} changes the network's numbers a little at each "
    "step; the learning rate says how much. It grows over the first {warm:.0%} of the steps: at "
    "the start the errors are large, and full steps would destroy what the network had learnt "
    "before.",
    "explain.warm_up.then": "Then it falls to zero by the end of {epochs} epochs, so that the "
    "last steps settle instead of jumping about.",
    "explain.warm_up.rate": "The full rate was {rate}.",
    "explain.warm_up.share": "share of the full learning rate",
    "explain.warm_up.part": "warm-up",
    "explain.warm_up.alt": "The learning rate rises over the first {warm:.0%} of {epochs} epochs "
    "and then falls to zero in a straight line.",
    # over-fitting
    "explain.fit.title": "When to stop learning",
    "explain.fit.both": "While {model} is trained, the loss on the rows that it learns from "
    "falls on and on. What counts is the loss on rows held out: where it rises again the model "
    "learns rows by heart instead of rules (over-fitting).",
    "explain.fit.one": "While {model} is trained, its loss is looked at on rows held out: where "
    "it rises again the model learns rows by heart instead of rules (over-fitting).",
    "explain.fit.over": "Here it was least at {at} {unit}, with {least}, and {last} at the end: "
    "what was learnt later is thrown away, and the state of the diamond is kept.",
    "explain.fit.falling": "Here it was least at the end ({least} at {at} {unit}), so that "
    "nothing was learnt by heart yet, and the last state is kept; more time might help.",
    "explain.fit.start": "Here nothing was better than the start ({least}), so that the start is "
    "kept: too few rows, or steps too large.",
    "explain.fit.kept": "kept",
    "explain.fit.alt": "The loss on rows held out is least ({least}) at {at} {unit}, where the "
    "model is kept; at the end it is {last}.",
    # the ensemble
    "explain.ensemble.title": "Several models answer together",
    "explain.ensemble.shares": "{n} of {tried} models are blended: their probabilities are "
    "averaged with the weights of the picture.",
    "explain.ensemble.values": "{n} of {tried} models are blended: their answers are averaged "
    "with the weights of the picture.",
    "explain.ensemble.how": "Weights were chosen that make the blend's loss least on rows that "
    "were held out.",
    "explain.ensemble.why": "Models that err on different rows correct each other: together they "
    "reach {metric} {score}.",
    "explain.ensemble.weight": "weight in the blend",
    "explain.ensemble.alt": "Weights in the blend, with {metric} of each alone: {parts}.",
    # calibration
    "explain.calibration.title": "Probabilities are made honest",
    "explain.calibration.why": "Of all answers given with 80%, 80% should be right. Whether that "
    "holds is looked at on {rows:,} rows that the models hadn't learnt from.",
    "explain.calibration.calmer": "The model was too sure of itself: one number, the temperature "
    "({t}, above 1), makes all probabilities calmer without changing their order.",
    "explain.calibration.bolder": "The model was too cautious: one number, the temperature ({t}, "
    "below 1), makes all probabilities bolder without changing their order.",
    "explain.calibration.same": "They were honest already: the temperature that fits best is "
    "{t}, which leaves them as they are.",
    "explain.calibration.several": "One number for each model and one for the blend, "
    "temperatures from {low} to {high}, make probabilities calmer (above 1) or bolder (below 1) "
    "without changing their order.",
    "explain.calibration.changed": "The mean gap between what was said and what came true (ECE) "
    "went from {before} to {after}, the log loss from {loss_before} to {loss_after}.",
    "explain.calibration.before": "before",
    "explain.calibration.after": "after",
    "explain.calibration.honest": "as said",
    "explain.calibration.said": "probability given",
    "explain.calibration.top": "probability given to the chosen class",
    "explain.calibration.true": "share that came true",
    "explain.calibration.alt": "What was said against what came true, before and after "
    "calibration: the mean gap is {before} before and {after} after.",
}
