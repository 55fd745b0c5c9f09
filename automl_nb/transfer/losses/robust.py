r"""The general and adaptive robust loss: one family from squared error to Cauchy's.

rho(x, a) = |a - 2| / a * ((x^2 / |a - 2| + 1)^(a / 2) - 1), for a residual x in units of a scale
c: squared error at a = 2, a smooth absolute error at 1, Cauchy's loss log(x^2 / 2 + 1) at 0. The
loss here is the negative log likelihood of exp(-rho) / (c Z(a)), so that a and c are learnt with
the network: widening them for a few wild rows is paid for by all others (Barron 2019, "A general
and adaptive robust loss function", arXiv 1701.03077, equations 8, 16 and 17).

Z(a), the integral of exp(-rho(x, a)) over all x, is computed rather than interpolated in a table:
x = sqrt(2) tan(theta) makes the integrand smooth on a bounded interval for every a in [0, 2], and
Gauss-Legendre quadrature does the rest, with gradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from automl_nb.core.space import Choice, Float, Space
from automl_nb.core.types import TaskKind
from automl_nb.transfer.losses.base import Loss, RowLoss

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext

_NODES = 400
_LEAST, _MOST = 0.001, 1.999  # of alpha: the equation divides by alpha and by 2 - alpha


def rho(x: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """The general loss of scaled residuals, for 0 < alpha < 2.

    Example:
        >>> rho(torch.tensor([0.0, 2.0]), torch.tensor(1.0)).round(decimals=3)
        tensor([0.0000, 1.2360])
    """
    away = 2.0 - alpha
    return away / alpha * torch.expm1(alpha / 2.0 * torch.log1p(x**2 / away))


def log_partition(alpha: torch.Tensor) -> torch.Tensor:
    """Log Z(alpha), for 0 < alpha < 2; log sqrt(2 pi) towards 2, log(pi sqrt(2)) towards 0.

    Example:
        >>> value = log_partition(torch.tensor(1.999, dtype=torch.float64))
        >>> round(float(value), 2), round(float(np.log(2 * np.pi) / 2), 2)
        (0.92, 0.92)
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    angle = np.pi / 2 * nodes
    x = torch.as_tensor(np.sqrt(2.0) * np.tan(angle), device=alpha.device)
    stretch = np.sqrt(2.0) / np.cos(angle) ** 2 * np.pi / 2 * weights
    logs = torch.as_tensor(np.log(stretch), device=alpha.device) - rho(x, alpha.double())
    return torch.logsumexp(logs, dim=0).to(alpha.dtype)


class RobustRows(nn.Module):
    """Barron's negative log likelihood, with a shape and a scale that may be trained.

    Args:
        alpha: The shape to start from.
        learnt: Whether the shape is trained; the scale always is.

    Attributes:
        log_scale: log c, in the targets' standard deviations.
    """

    def __init__(self, alpha: float, *, learnt: bool) -> None:
        super().__init__()
        share = (alpha - _LEAST) / (_MOST - _LEAST)
        start = torch.tensor(float(np.log(share) - np.log1p(-share)))
        self._shape = nn.Parameter(start, requires_grad=learnt)
        self.log_scale = nn.Parameter(torch.tensor(0.0))

    @property
    def alpha(self) -> torch.Tensor:
        """The shape as it is now."""
        return _LEAST + (_MOST - _LEAST) * torch.sigmoid(self._shape)

    def forward(self, margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """(n,) losses."""
        alpha = self.alpha
        scaled = (margins - targets) * torch.exp(-self.log_scale)
        losses = rho(scaled, alpha) + self.log_scale + log_partition(alpha)
        return losses.mean(1)


class Robust(Loss):
    """Loss ``robust``: a few wild values don't bend the rest."""

    name = "robust"
    kinds = (TaskKind.REGRESSION,)

    def space(self) -> Space:
        """The shape, and whether it is learnt from the rows."""
        return Space(
            (
                Float("robust_alpha", 0.01, 1.99, 1.0, summary="2 as squares, 0 as Cauchy"),
                Choice(
                    "robust_shape", ("learnt", "fixed"), "learnt", summary="whether alpha is learnt"
                ),
            )
        )

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """A scale of one standard deviation to start with."""
        del context, rows
        learnt = config.get("robust_shape", "learnt") == "learnt"
        return RobustRows(float(config.get("robust_alpha", 1.0)), learnt=learnt)
