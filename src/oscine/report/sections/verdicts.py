"""What a comparison says in words: verdicts, what they hold for, and how they were reached."""

from __future__ import annotations

from oscine.report.blocks import DASH, Section, counted, signed
from oscine.report.comparison import Comparison, verdict
from oscine.report.contenders import Contender
from oscine.report.sections.names import METRIC_NAMES

CLASSES_NAMED = 8
"""Classes that are named where they are left out; the others are counted."""
SENTENCES = {
    "better": "{name} is better than {first} by {change} cmAP ({span}).",
    "worse": "{name} is worse than {first} by {change} cmAP ({span}).",
    "not told apart": "{name} and {first} cannot be told apart: cmAP changes by {change}, and the "
    "{span} does not exclude no change.",
    "too few groups": "{name} changes cmAP by {change} from {first}; there are too few groups of "
    "clips for an interval.",
    "undefined": "cmAP is not defined on the clips that {name} and {first} share.",
}


def metrics_of(comparison: Comparison) -> dict[str, str]:
    """Give the metrics that say something, with the names that readers see."""
    fewest = min(len(both.codes) for both in comparison.shared.values())
    return {
        key: name
        for key, name in METRIC_NAMES.items()
        if any(found.get(key) for found in comparison.values.values())
        and not (key == "top_5_accuracy" and fewest <= 5)
    }


def sentence(comparison: Comparison, other: str) -> str:
    """Say what became of cmAP from the first run to another, and only what the interval allows."""
    found = comparison.differences[other].get("cmap")
    span = change = ""
    if found is not None:
        change = signed(found.value)
        bounds = f"{signed(found.low)} to {signed(found.high)}"
        span = f"{percent(comparison.difference_level)} interval {bounds}"
    return SENTENCES[verdict(found)].format(
        name=other, first=comparison.first.name, change=change, span=span
    )


def notes(comparison: Comparison) -> list[str]:
    """Say what the intervals hold for, how they are widened, and what was left out."""
    said = [_about_seeds(comparison)]
    n = len(comparison.others)
    if n > 1:
        said.append(
            f"{n} are held against one, so each difference has a "
            f"{percent(comparison.difference_level)} interval: then all of one metric hold "
            "together at 95 %. They are not widened for the number of metrics; choose yours before "
            "you look."
        )
    if comparison.n_draws < comparison.draws_wanted:
        said.append(
            f"{comparison.n_draws:,} draws are few for intervals of this level: "
            f"--draws {comparison.draws_wanted} or more give steadier bounds."
        )
    return said + [text for one in comparison.others if (text := _left_out(comparison, one.name))]


def _about_seeds(comparison: Comparison) -> str:
    several = [one for one in comparison.contenders if len(one.members) > 1]
    if not several:
        return (
            "One run each: the intervals hold for clips like these. Other seeds could give another "
            "difference, and only several runs of each tell how much."
        )
    seeds = "; ".join(f"{one.name}: seeds {seeds_of(one)}" for one in several)
    text = f"{seeds}. The intervals hold for clips like these and for other seeds."
    if max(len(one.members) for one in several) == 2:
        text += (
            " Two seeds tell little of others: one more makes their part less than a third as wide."
        )
    unlike = [one.name for one in comparison.others if not comparison.shared[one.name].paired]
    if unlike:
        text += (
            f" {', '.join(unlike)} and {comparison.first.name} do not have the same seeds, so only "
            "clips that every run scored are compared, and seeds are taken to spread alike in both."
        )
    return text


def _left_out(comparison: Comparison, other: str) -> str:
    both, first = comparison.shared[other], comparison.first.name
    parts = [
        f"{counted(n, 'clip')} that only {name} scored"
        for name, n in zip((first, other), both.lost, strict=True)
        if n
    ]
    if both.relabelled:
        parts.append(f"{counted(both.relabelled, 'clip')} of another label among them")
    if n := len(both.other_classes):
        shown = ", ".join(both.other_classes[:CLASSES_NAMED]) + (", ..." * (n > CLASSES_NAMED))
        parts.append(f"{counted(n, 'class', 'classes')} that only one knows ({shown})")
    return f"Left out between {first} and {other}: {'; '.join(parts)}." if parts else ""


def method(comparison: Comparison) -> Section:
    """Say how the intervals are made, and by whose methods."""
    text = [
        "Whole groups of clips (recordist, recording, duplicates) were drawn "
        f"{comparison.n_draws:,} times with replacement, the same ones for all runs; an interval "
        "holds the middle of these draws (Efron & Tibshirani 1993; Field & Welsh 2007).",
        "Seeds are crossed with clips. They are too few to be drawn; instead each draw deviates by "
        "the standard error over the seeds times a draw of Student's t (Student 1908; Owen 2007 on "
        "crossed resampling; Bouthillier et al. 2021 on seeds). With two or three seeds that makes "
        "intervals wide.",
        "Intervals of differences are widened for the number of contenders (Bonferroni; Dunn "
        "1961). Better and worse are said where such an interval excludes no change. A setting "
        "that was chosen because it won here should be tried again on clips that had no say.",
    ]
    return Section("method", "How this was compared", text)


def seeds_of(one: Contender) -> str:
    """List a contender's seeds."""
    return ", ".join(DASH if seed is None else str(seed) for seed in one.seeds)


def percent(level: float) -> str:
    """Write a level.

    Example:
        >>> percent(0.975)
        '97.5 %'
    """
    return f"{100 * level:.3g} %"
