"""The picture for the README: requests a second of each server, for each model."""

from __future__ import annotations

from pathlib import Path

from benchmarks.load.bars import Found
from benchmarks.load.contenders import Contender
from benchmarks.load.models import Model

INK, OURS = "0.55", "tab:blue"


def draw(path: Path, found: Found, models: list[Model], contenders: list[Contender]) -> None:
    """One panel for each model, one bar for each server that served it, at most connections."""
    from matplotlib.figure import Figure

    served = [[each for each in contenders if (model.name, each.name) in found][::-1] for model in models]
    figure = Figure(figsize=(9, 0.6 + 0.32 * sum(map(len, served))), layout="constrained")
    heights = [len(each) for each in served]
    for axes, model, servers in zip(
        figure.subplots(len(models), squeeze=False, height_ratios=heights).flat, models, served, strict=True
    ):
        connections = max(model.connections)
        rates = [found[model.name, each.name].at(connections).rate for each in servers]
        colors = [OURS if each.name.startswith("mlpack") else INK for each in servers]
        bars = axes.barh([each.title for each in servers], rates, color=colors)
        axes.bar_label(bars, [f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}" for rate in rates], padding=3, fontsize=8)
        axes.set_title(f"{model.title} ({connections} connections)", fontsize=8, loc="left")
        axes.margins(x=0.1)
        axes.tick_params(labelsize=8)
        axes.xaxis.set_visible(False)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    figure.suptitle("Requests a second (more is better)", fontsize=10)
    figure.savefig(path, dpi=110)
