"""The predictors that a saved model may name; nothing else is ever loaded."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.transfer"

PREDICTORS = Registry(
    "predictor",
    (
        Spec("Constant", f"{_HERE}.prior:Constant", "The same scores for every row."),
        Spec("LinearPredictor", f"{_HERE}.linear:LinearPredictor", "One product and a link."),
        Spec("KnnPredictor", f"{_HERE}.knn:KnnPredictor", "Votes of the nearest rows."),
        Spec("KernelPredictor", f"{_HERE}.kernel:KernelPredictor", "Likeness to landmarks."),
        Spec("BoosterPredictor", f"{_HERE}.boosting:BoosterPredictor", "Boosted trees."),
        Spec("MlpPredictor", f"{_HERE}.mlp:MlpPredictor", "A small neural network."),
        Spec("CellPredictor", f"{_HERE}.cells.predictor:CellPredictor", "Heads by search."),
        Spec("TunedPredictor", f"{_HERE}.tuned:TunedPredictor", "A fine-tuned backbone."),
    ),
)
