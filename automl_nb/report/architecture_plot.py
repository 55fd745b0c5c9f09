"""The head that was searched for: which layers its nodes read, and through what."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.words import label
from automl_nb.report.ink import Ink, colour, shown
from automl_nb.report.picture import Picture, Plot, title_over
from automl_nb.transfer.cells.architecture import OPS, ZERO, Architecture

_WIDE, _HIGH = 1.35, 0.5  # of a box; a layer takes a row of height 1
_THIN = 0.3  # height of an op
_STEP = 1.85  # from one column of boxes to the next
_LIVING = tuple(op for op in OPS if op != ZERO)


def _row(state: RunState) -> LeaderboardRow | None:
    """The best model that a search wired."""
    return next((row for row in state.ranked() if row.architectures), None)


def _panels(state: RunState) -> list[tuple[Architecture, list[int]]]:
    """Its different architectures, each with the folds that have it."""
    row = _row(state)
    found: dict[Architecture, list[int]] = {}
    for one in row.architectures if row else ():
        folds: list[int] = list(one.get("folds", ()))  # type: ignore[call-overload]
        found.setdefault(Architecture.from_dict(one), []).extend(folds)
    return list(found.items())


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    panels, row = _panels(state), _row(state)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (architecture, folds) in zip(axes, panels, strict=True):
        if len(panels) > 1:
            ax.set_title(_of_folds(folds).capitalize(), fontweight="normal", fontsize=9.5)
        _Diagram(ax, architecture, ink).draw()
    title_over(figure, shown(f"Wiring of {row.model}" if row else "", 90))


class _Diagram:
    """A circuit: sources in rows, nodes in columns, an op above the dot where a source is read.

    Wires run straight and cross at right angles, so none is taken for another.
    """

    def __init__(self, ax: Axes, architecture: Architecture, ink: Ink) -> None:
        self.ax, self.architecture, self.ink = ax, architecture, ink
        self.layers, self.nodes = len(architecture.layers), len(architecture.nodes)
        self.out = self._column(self.nodes)

    def draw(self) -> None:
        for source, name in enumerate(self.architecture.layers):
            faint = self._last(source) is None
            self._box((0.0, source), name, faint=faint)
        for node in range(self.nodes):
            self._box((self._column(node), self.layers + node), f"node {node + 1}")
        for source in range(self.layers + self.nodes):
            self._wire(source)
        for node in range(self.nodes):
            self._draw_node(node)
        first = self.layers if self.nodes else 0
        rows = self.nodes or self.layers
        words = "linear model" if rows == 1 else "linear\nmodel"
        self._box((self.out, first + (rows - 1) / 2), words, high=rows - 1 + _HIGH)
        self.ax.set_xlim(-_WIDE / 2 - 0.1, self.out + _WIDE / 2 + 0.1)
        self.ax.set_ylim(-0.6, self.layers + self.nodes - 0.4)
        self.ax.set_axis_off()

    def _column(self, node: int) -> float:
        return _STEP * (node + 1)

    def _last(self, source: int) -> float | None:
        """How far to the right a source is read."""
        if source >= self.layers or not self.nodes:
            return self.out - _WIDE / 2
        readers = [
            node
            for node in range(self.nodes)
            if any(edge.source == source for edge in self.architecture.used(node))
        ]
        return self._column(readers[-1]) if readers else None

    def _wire(self, source: int) -> None:
        end, start = self._last(source), 0.0
        if source >= self.layers:
            start = self._column(source - self.layers)
            if not self.architecture.used(source - self.layers):
                return  # the node has nothing to tell
        if end is not None:
            self._line((start + _WIDE / 2, end), (source, source))

    def _draw_node(self, node: int) -> None:
        used, x = self.architecture.used(node), self._column(node)
        if used:
            lowest = min(edge.source for edge in used)
            self._line((x, x), (lowest, self.layers + node - _HIGH / 2))
        for source in {edge.source for edge in used}:
            ops = [edge.op for edge in used if edge.source == source]
            self.ax.plot(x, source, "o", color=self.ink.text, markersize=3.2)
            for nth, op in enumerate(ops):  # from the top down, as a sum is read
                self._op((x, source + 0.28 + _THIN * (len(ops) - 1 - nth)), op, "+ " * (nth > 0))

    def _line(self, xs: tuple[float, float], ys: tuple[float, float]) -> None:
        self.ax.plot(xs, ys, color=self.ink.text, linewidth=1.0, alpha=0.7, zorder=1)

    def _box(
        self, place: tuple[float, float], name: str, *, faint: bool = False, high: float = _HIGH
    ) -> None:
        alpha = self.ink.alpha * 1.6 if faint else 1.0
        self.ax.add_patch(
            FancyBboxPatch(
                (place[0] - _WIDE / 2, place[1] - high / 2),
                _WIDE,
                high,
                boxstyle="round,pad=0,rounding_size=0.12",
                facecolor="none",
                edgecolor=self.ink.text,
                alpha=alpha,
                linewidth=0.7 if faint else 1.1,
            )
        )
        text = "\n".join(shown(line, 14) for line in name.split("\n"))
        self.ax.text(*place, text, ha="center", va="center", fontsize=8, alpha=alpha)

    def _op(self, place: tuple[float, float], op: str, sign: str) -> None:
        self.ax.add_patch(
            FancyBboxPatch(
                (place[0] - _WIDE / 2 - 0.06, place[1] - _THIN / 2),
                _WIDE + 0.12,
                _THIN - 0.02,
                boxstyle="round,pad=0,rounding_size=0.1",
                facecolor=colour(_LIVING.index(op)),
                edgecolor="none",
                zorder=2,
            )
        )
        self.ax.text(
            place[0],
            place[1] - 0.01,
            f"{sign}{op}",
            ha="center",
            va="center",
            fontsize=7.2,
            color="white",
            weight="bold",
            zorder=3,
        )


def _of_folds(folds: list[int]) -> str:
    return f"fold{'s' * (len(folds) != 1)} {', '.join(map(str, folds))}"


def _describe(state: RunState, card: Scorecard | None) -> str:
    del card
    panels, row = _panels(state), _row(state)
    lead = f"Wiring of {label(row.model, 60)}. " if row else ""
    if len(panels) == 1:
        return f"{lead}{str(panels[0][0]).capitalize()}."
    return lead + " ".join(f"{_of_folds(folds).capitalize()}: {one}." for one, folds in panels)


def _size(state: RunState, card: Scorecard | None) -> tuple[float, float]:
    del card
    panels = _panels(state)
    rows = max(len(one.layers) + len(one.nodes) for one, _ in panels)
    columns = sum(len(one.nodes) + 2 for one, _ in panels)
    return max(4.6, 1.3 * columns), 0.8 + 0.43 * rows


architecture = Plot(_draw, lambda state, _: _row(state) is not None, _describe, _size)
