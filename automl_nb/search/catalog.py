"""The catalogue of searchers. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.search"


def tags_of(searcher: str) -> tuple[str, ...]:
    """The tags of a searcher; none of a sampler of one's own, of which nothing is known.

    Example:
        >>> tags_of("random"), tags_of("CmaEsSampler")
        (('several', 'control', 'by-itself'), ())
    """
    return SEARCHERS[searcher].tags if searcher in SEARCHERS else ()


SEARCHERS = Registry(
    "searcher",
    (
        Spec(
            "auto",
            f"{_HERE}.auto:Auto",
            "Chosen by the number and cost of trials and the kinds of parameters; says why.",
            requires=("optuna",),
            tags=("several",),
        ),
        Spec(
            "grid",
            f"{_HERE}.grid:Grid",
            "Every combination of values, once.",
            requires=("optuna",),
            tags=("several", "by-itself"),
        ),
        Spec(
            "random",
            f"{_HERE}.random_search:Random",
            "Each trial at random: the control of all others.",
            "Bergstra & Bengio 2012",
            requires=("optuna",),
            tags=("several", "control", "by-itself"),
        ),
        Spec(
            "quasi-random",
            f"{_HERE}.quasi_random:QuasiRandom",
            "Points that fill the space more evenly than random ones (Sobol).",
            "Bergstra & Bengio 2012; Joe & Kuo 2008",
            requires=("optuna", "scipy"),
            tags=("several", "by-itself"),
        ),
        Spec(
            "gp",
            f"{_HERE}.gaussian_process:GaussianProcess",
            "Bayesian, by a Gaussian process; the most from few and dear trials.",
            "Snoek, Larochelle & Adams 2012, arXiv 1206.2944; Ament et al. 2023, arXiv 2310.20708",
            requires=("optuna", "scipy", "torch"),
            tags=("several", "bayesian"),
        ),
        Spec(
            "tpe",
            f"{_HERE}.tree_parzen:TreeParzen",
            "Bayesian, by densities of good and other trials; knows branches of the space.",
            "Bergstra et al. 2011; Falkner, Klein & Hutter 2018, arXiv 1807.01774",
            requires=("optuna",),
            tags=("several", "bayesian"),
        ),
        Spec(
            "cma-es",
            f"{_HERE}.cma_es:CmaEs",
            "A cloud of trials that moves and shapes itself; for thousands of cheap ones.",
            "Hansen 2016, arXiv 1604.00772",
            requires=("optuna", "cmaes"),
            tags=("evolutionary",),
        ),
        Spec(
            "evolution",
            f"{_HERE}.evolution:RegularisedEvolution",
            "The best of a sample has a changed copy, and the oldest dies.",
            "Real et al. 2019, arXiv 1802.01548",
            requires=("optuna",),
            tags=("evolutionary",),
        ),
        Spec(
            "nsga2",
            f"{_HERE}.nsga2:Nsga2",
            "A population that spreads along the front of several objectives.",
            "Deb et al. 2002",
            requires=("optuna",),
            tags=("several", "evolutionary"),
        ),
        Spec(
            "reinforce",
            f"{_HERE}.reinforce:Reinforce",
            "A controller learns by reward per second which values to draw.",
            "Williams 1992; Zoph & Le 2017, arXiv 1611.01578",
            requires=("optuna",),
            tags=("reinforcement",),
        ),
    ),
)
