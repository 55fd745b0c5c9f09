"""The catalogue of strategies. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.transfer"

STRATEGIES = Registry(
    "strategy",
    (
        Spec(
            "prior",
            f"{_HERE}.prior:Prior",
            "Class shares or the mean, whatever the row says: the floor of every leaderboard.",
            tags=("baseline",),
        ),
        Spec(
            "svm",
            f"{_HERE}.svm:Svm",
            "Linear one-vs-rest squared-hinge machine; strong on TF-IDF and joined blocks.",
            "Fan et al. 2008 (LIBLINEAR)",
            tags=("head", "sparse", "classification"),
        ),
        Spec(
            "nb-svm",
            f"{_HERE}.nb_svm:NbSvm",
            "The linear machine on words weighed by their log-count ratio; strong on opinions.",
            "Wang & Manning 2012",
            tags=("head", "sparse", "classification"),
        ),
        Spec(
            "logistic",
            f"{_HERE}.logistic:Logistic",
            "Softmax regression on frozen features.",
            tags=("head", "dense", "classification"),
        ),
        Spec(
            "ridge",
            f"{_HERE}.ridge:Ridge",
            "Least squares with the penalty chosen by leave-one-out error.",
            "Golub, Heath & Wahba 1979",
            tags=("head", "dense", "sparse", "classification", "regression"),
        ),
        Spec(
            "knn",
            f"{_HERE}.knn:Knn",
            "Cosine nearest neighbours on frozen features.",
            "Cover & Hart 1967",
            tags=("head", "dense", "classification", "regression"),
        ),
        Spec(
            "mlp",
            f"{_HERE}.mlp:Mlp",
            "Small neural network on dense blocks.",
            "Gorishniy et al. 2022, arXiv 2203.05556",
            tags=("torch", "head", "dense", "classification", "regression"),
        ),
        Spec(
            "kernel",
            f"{_HERE}.kernel:Kernel",
            "Kernel ridge regression on landmarks: smooth in all columns, strong on small tables.",
            "Williams & Seeger 2001",
            tags=("head", "dense", "table", "classification", "regression"),
        ),
        Spec(
            "boosting",
            f"{_HERE}.boosting:Boosting",
            "Gradient-boosted trees (LightGBM), averaged over the folds.",
            "Ke et al. 2017",
            requires=("lightgbm",),
            tags=("table", "classification", "regression"),
        ),
        Spec(
            "finetune",
            f"{_HERE}.finetune:FineTune",
            "Solve the head first, then tune the whole backbone with layer-wise rates and EMA.",
            "Kumar et al. 2022, arXiv 2202.10054; Howard & Ruder 2018, arXiv 1801.06146",
            tags=("torch", "backbone", "text", "image", "classification", "regression"),
        ),
        Spec(
            "top-layers",
            f"{_HERE}.top_layers:TopLayers",
            "Tune the upper layers alone; what the frozen ones give is computed once and kept.",
            "Yosinski et al. 2014, arXiv 1411.1792; Lee, Tang & Lin 2019, arXiv 1911.03090",
            tags=("torch", "backbone", "text", "image", "classification", "regression"),
        ),
        Spec(
            "lora",
            f"{_HERE}.lora:Lora",
            "Learn low-rank changes to every matrix and add them up at the end.",
            "Hu et al. 2021, arXiv 2106.09685",
            extra="adapters",
            requires=("peft",),
            tags=("torch", "backbone", "text", "image", "classification", "regression"),
        ),
        Spec(
            "bitfit",
            f"{_HERE}.bitfit:BitFit",
            "Tune the biases alone: a thousandth of the weights.",
            "Ben Zaken, Ravfogel & Goldberg 2022, arXiv 2106.10199",
            tags=("torch", "backbone", "text", "image", "classification", "regression"),
        ),
    ),
)
