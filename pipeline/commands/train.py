"""nianbao train: a new model out of labelled rows and corpora, refused where old layouts get worse."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.inputs import Inputs
    from pipeline.commands.training import Outcome, Say

_SHOWN = 10


def train(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="CORPUS_OR_ROWS…",
            help="Files of `nianbao label`, exports of Label Studio, labelled folders, URLs of corrected stores.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The model folder to write; an older model is replaced.")],
    base: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A model folder or a corpus to add to, instead of the built-in one."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed and data give the same model.")] = 1,
    accept_regressions: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Take the model though it is worse; the reason goes on its card."),
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", min=1, help="Worker processes.")] = 2,
) -> None:
    """Train a model on labelled rows and write it to DIR if no old layout gets worse by it.

    Exit code 0: written; 6: refused, DIR is as it was. Refused is a model that loses exact fields of a layout beyond
    the luck of the documents, accepts a wrong figure that the old one did not, or learnt too many doubtful labels.
    What is learnt is added to the documents that the model in use learnt, or to those of --base. The model in use
    (--base where that is a model, NIANBAO_MODEL, the built-in one) is the one to beat.
    """
    from evaluation.frozen import frozen_documents
    from models.inputs import gather
    from models.reviewed import is_store
    from pipeline.commands.training import retrain
    from pipeline.errors import UsageError

    if accept_regressions is not None and not accept_regressions.strip():
        raise UsageError("--accept-regressions needs a reason; it goes onto the model's card.")
    named = [source if is_store(source) else Path(source) for source in sources]
    for path in (*named, *filter(None, (base,))):
        if isinstance(path, Path) and not path.exists():
            raise UsageError(f"There is no file or folder {path}.")
    old = base if base is not None and (base / "settings.json").is_file() else None
    with _progress() as say:
        say("Reading documents")
        inputs = gather(named, base, old)
        frozen, dev = frozen_documents()
        outcome = retrain(
            inputs, out, seed=seed, old=old, frozen=frozen, dev=dev, reason=accept_regressions or "", workers=workers,
            say=say,
        )  # fmt: skip
    print("\n".join(_summary(inputs, outcome)))
    print(f"The model {outcome.settings['version']} is in {out}; use it with --model {out} or NIANBAO_MODEL={out}.")


@contextmanager
def _progress() -> Iterator[Say]:
    """A function that shows the next step: as a bar on a terminal, else as a line on standard error."""
    from pipeline.commands.training import STEPS

    if not sys.stderr.isatty():
        yield lambda text: print(text, file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    parts = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=STEPS, completed=-1)
        yield lambda text: bar.update(task, description=text, advance=1)


def _summary(inputs: Inputs, outcome: Outcome) -> Iterator[str]:
    """What happened in plain words."""
    count = sum(len(one.rows) for one in inputs.new)
    yield f"Learnt {len(inputs.new)} new documents with {count} rows on top of {len(inputs.base)} of the base."
    yield from inputs.remarks
    yield from _doubts(inputs, outcome)
    yield from _new_rows(inputs, outcome)
    yield from _changes(outcome)
    yield from _curve(inputs, outcome)


def _doubts(inputs: Inputs, outcome: Outcome) -> Iterator[str]:
    from models.tuning import doubtful
    from pipeline.commands.training import describe_doubt

    new = {one.document for one in inputs.new}
    found = doubtful([one for one in outcome.judged if one.document in new])
    if found:
        yield f"{len(found)} labels look wrong; see whether they are:"
        yield from (f"  {describe_doubt(one, inputs.places)}" for one in found[:_SHOWN])


def _new_rows(inputs: Inputs, outcome: Outcome) -> Iterator[str]:
    new = {one.document for one in inputs.new}
    mine = [one for one in outcome.judged if one.document in new]
    if mine:
        before = "" if outcome.known is None else f" The old model names {outcome.known:.1%} of them right."
        share = sum(one.right for one in mine) / len(mine)
        yield f"Rows of the new documents named right by models that learnt others of them: {share:.1%}.{before}"


def _changes(outcome: Outcome) -> Iterator[str]:
    verdict = outcome.verdict
    if verdict is None:
        yield "There were no frozen documents to compare the old and the new model on."
        return
    total = verdict.total
    yield (
        f"On {total.documents} frozen documents: exact fields {total.before:.2%} -> {total.after:.2%}, accepted "
        f"{total.accepted_before:.2%} -> {total.accepted_after:.2%}, new wrong accepted figures {len(verdict.silent)}."
    )
    for title, sign in (("Better", 1), ("Worse", -1)):
        changed = [one for one in verdict.layouts if _moved(one) * sign > 0]
        shown = ", ".join(
            f"{one.layout} (exact {one.before:.1%} -> {one.after:.1%}, accepted {one.accepted_before:.1%} -> "
            f"{one.accepted_after:.1%})"
            for one in sorted(changed, key=_moved, reverse=sign > 0)[:_SHOWN]
        )
        yield f"{title}: {shown or 'no layout'}{', …' if len(changed) > _SHOWN else ''}."


def _moved(one: object) -> float:
    """How far a layout moved: by exact fields, and where those stayed by accepted ones; less than 0.05 % is nothing."""
    from evaluation.gate import Change

    assert isinstance(one, Change)
    exact, accepted = one.after - one.before, one.accepted_after - one.accepted_before
    moved = exact if abs(exact) >= 5e-4 else accepted
    return moved if abs(moved) >= 5e-4 else 0.0


def _curve(inputs: Inputs, outcome: Outcome) -> Iterator[str]:
    what = "new documents" if inputs.new and inputs.base else "layouts"
    if len(outcome.curve) < 2:
        yield "How many more documents would help cannot be said yet: label a second one."
        return
    shown = ", ".join(f"{count}: {share:.1%}" for count, share in outcome.curve)
    yield f"Rows named right after learning so many {what}: {shown}."
    (before, low), (after, high) = outcome.curve[-2:]
    gain = (high - low) / max(after - before, 1)
    if high >= 0.999 or gain < 0.002:
        yield "More of the same would bring little."
    else:
        more = min(20, max(1, round((1 - high) / gain)))
        yield f"The curve still rises: about {more} more {what} may be worth their labelling."
