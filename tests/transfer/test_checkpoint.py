"""A trial that was killed goes on from its last checkpoint and ends as if it had not been."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import automl_nb
from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.trials import Cancelled, CancelToken, Deadline, Decision, Report, TooSlow
from automl_nb.core.types import TaskKind
from automl_nb.transfer import crossfit as judging
from automl_nb.transfer import loop
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.lanes import Lanes
from automl_nb.transfer.loop import train, with_less_memory
from automl_nb.transfer.tuner import rows_of
from automl_nb.zoo.load import resolve
from tests.support import trials, tuning
from tests.transfer.test_loop import regression

NETWORKS = STRATEGIES.names("backbone")
ROWS = 66


class Killed(BaseException):
    """Nothing on the way out hears of it, as of a kill."""


class Steps:
    """Counts the loop's steps, and kills before one of them."""

    def __init__(self, monkeypatch):
        self.taken, self.last = 0, None
        self._own = loop._step
        monkeypatch.setattr(loop, "_step", self)

    def __call__(self, *given):
        if self.last is not None and self.taken >= self.last:
            raise Killed
        self.taken += 1
        return self._own(*given)

    def start(self, last=None) -> None:
        self.taken, self.last = 0, last


@pytest.fixture
def steps(monkeypatch):
    return Steps(monkeypatch)


def kept_in(folder, **options) -> Checkpoints:
    return Checkpoints(folder / "trial", "trial", **{"every_s": 0.0, **options})


def curve(reports) -> list:
    return [(report.resource, report.total, report.metrics) for report in reports]


# -- each strategy that trains a network ------------------------------------------------


@pytest.fixture(scope="session")
def tasks(tmp_path_factory):
    pictures = trials.small_pictures(tmp_path_factory.mktemp("backbones") / "lite0-32", 32)
    image = {"column": "image", "backbone": str(pictures), "modality": "image", "epochs": 1.0}
    return {
        "text": (trials.texts(ROWS, tuning.LIBRARIES), {**tuning.SMALL, "max_length": 16}),
        "image": (trials.pictures(ROWS), image),
    }


def begun(name, task, folder=None, every_s=0.0, **changes):
    """The trial in a process of its own, as far as what it keeps goes."""
    context, config = task
    kept = None if folder is None else kept_in(folder, every_s=every_s)
    own = replace(context, checkpoints=kept, deadline=Deadline(3600.0), **changes)
    return STRATEGIES[name].load()().train(own, (), config | CONFIG.get(name, {}))


def suits(name, modality) -> bool:
    card = resolve({"text": "minilm-l3", "image": "efficientnet-lite0"}[modality])
    task = trials.table(TaskKind.MULTICLASS).task
    return modality in STRATEGIES[name].tags and not STRATEGIES[name].load()().refuses(card, task)


# Pictures are changed at random, which a text isn't: where that matters they are tuned too.
PICTURES = ("finetune", "top-layers")
CASES = [(name, "text") for name in NETWORKS if suits(name, "text")]
CASES += [(name, "image") for name in NETWORKS if name in PICTURES or not suits(name, "text")]
CONFIG = {"contrastive": {"folds": 2}}
TELLING = {"finetune", "top-layers", "soup", "contrastive", "l1-sp"}  # of each kind of state


def test_all_strategies_that_train_networks_are_looked_at():
    assert {name for name, _ in CASES} == set(NETWORKS)


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        pytest.param(*case, marks=() if case[0] in TELLING else pytest.mark.thorough)
        for case in CASES
    ],
)
def test_what_was_killed_ends_as_if_it_had_not_been(name, modality, tasks, steps, tmp_path):
    task = tasks[modality]
    undisturbed, reports = trials.finish(begun(name, task))
    needed = steps.taken
    steps.start(last=needed // 2 + 1)
    with pytest.raises(Killed):
        trials.finish(begun(name, task, tmp_path))
    done = steps.taken
    steps.start()
    continued, again = trials.finish(begun(name, task, tmp_path, every_s=3600.0))
    assert done + steps.taken == needed, "no step is taken twice"
    assert curve(again) == curve(reports)
    assert continued.note == undisturbed.note
    np.testing.assert_allclose(continued.oof, undisturbed.oof, rtol=0, atol=1e-6)
    one, other = undisturbed.predictor, continued.predictor
    for weight, right in tuning.body(one).items():
        np.testing.assert_allclose(tuning.body(other)[weight], right, rtol=0, atol=1e-6)
    np.testing.assert_allclose(other.head.coef, one.head.coef, rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def finetuned(tasks):
    """The undisturbed trial of texts, and its reports."""
    return trials.finish(begun("finetune", tasks["text"]))


def test_nothing_is_written_and_nothing_changes_without_checkpoints(
    finetuned, tasks, tmp_path, monkeypatch
):
    plain, reports = finetuned
    kept, also = trials.finish(begun("finetune", tasks["text"], tmp_path))
    np.testing.assert_array_equal(kept.oof, plain.oof)
    assert curve(also) == curve(reports)
    monkeypatch.setattr(Checkpoints, "keep", None)
    trials.finish(begun("finetune", tasks["text"]))


def test_a_trial_that_was_left_at_a_report_goes_on(finetuned, tasks, steps, tmp_path):
    whole, reports = finetuned
    trial = begun("finetune", tasks["text"], tmp_path)
    next(trial)
    for _ in range(len(reports) // 2):
        trial.send(Decision.CONTINUE)
    trial.close()
    assert steps.taken == len(reports) // 2
    again, told = trials.finish(begun("finetune", tasks["text"], tmp_path))
    assert steps.taken == len(reports) - 1
    assert curve(told) == curve(reports)
    np.testing.assert_allclose(again.oof, whole.oof, rtol=0, atol=1e-6)


def test_a_trial_that_was_told_to_stop_goes_on_later(finetuned, tasks, steps, tmp_path):
    whole, _ = finetuned
    token = CancelToken()
    trial = begun("finetune", tasks["text"], tmp_path, cancel=token)
    next(trial)
    trial.send(Decision.CONTINUE)
    token.cancel("enough")
    part, _ = trials.finish(trial, Decision.STOP, begun=True)
    assert np.isfinite(part.oof).any()
    assert steps.taken == 1
    again, _ = trials.finish(begun("finetune", tasks["text"], tmp_path))
    np.testing.assert_allclose(again.oof, whole.oof, rtol=0, atol=1e-6)


def test_the_head_is_solved_once(tasks, steps, tmp_path, monkeypatch):
    steps.start(last=1)
    with pytest.raises(Killed):
        trials.finish(begun("finetune", tasks["text"], tmp_path))
    steps.start()
    kind = type(STRATEGIES["finetune"].load()())
    monkeypatch.setattr(kind, "started_head", None)
    trials.finish(begun("finetune", tasks["text"], tmp_path))


def test_texts_stay_as_long_as_they_were_read_first(tasks, steps, tmp_path):
    """With less time left a trial would choose shorter ones, and its steps would be for nothing."""
    context, config = tasks["text"]
    config = {key: value for key, value in config.items() if key != "max_length"}
    tuner, fit = STRATEGIES["finetune"].load()(), rows_of(context)[0]
    own = replace(context, checkpoints=kept_in(tmp_path), deadline=Deadline(3600.0))
    assert tuner.network(own, config, fit).encoder.max_length == 128
    late = replace(context, checkpoints=kept_in(tmp_path), deadline=Deadline(0.001))
    assert tuner.network(late, config, fit).encoder.max_length == 128
    with pytest.raises(TooSlow):
        tuner.network(replace(late, checkpoints=None), config, fit)


# -- killed for real --------------------------------------------------------------------

AT_WORK = """
import os
import signal
import sys
from pathlib import Path

import pandas as pd

from automl_nb.core import checkpoints
from automl_nb.transfer import loop
from tests.support import trials, tuning
from tests.transfer.test_checkpoint import begun

folder, where, after = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
place, name = {"step": (loop, "_step"), "write": (checkpoints, "_settle")}[where]
own, calls = getattr(place, name), 0

def dying(*given):
    global calls
    calls += 1
    if calls > after:
        os.kill(os.getpid(), signal.SIGKILL)
    return own(*given)

setattr(place, name, dying)
frame = pd.read_json(folder / "texts.json")
config = {**tuning.SMALL, "max_length": 16, "epochs": 3.0}
trials.finish(begun("finetune", (trials._named(frame[["text"]], frame["y"]), config), folder))
"""


@pytest.mark.thorough
def test_killed_again_and_again_it_comes_to_the_same_end(tasks, steps, tmp_path):
    context, config = tasks["text"]
    context.blocks.frame.assign(y=context.y.astype(str)).to_json(tmp_path / "texts.json")
    task = (context, {**config, "epochs": 3.0})
    whole, reports = trials.finish(begun("finetune", task))
    needed, rng = steps.taken, np.random.default_rng(1)
    for where in ("step", "write"):
        done = subprocess.run(
            [sys.executable, "-c", AT_WORK, str(tmp_path), where, str(rng.integers(1, 4))],
            env=os.environ | {"PYTHONPATH": str(Path(automl_nb.__file__).parents[1])},
            capture_output=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    steps.start()
    again, told = trials.finish(begun("finetune", task, tmp_path))
    assert 0 < steps.taken < needed
    assert curve(told) == curve(reports)
    np.testing.assert_allclose(again.oof, whole.oof, rtol=0, atol=1e-6)
    for weight, right in tuning.body(whole.predictor).items():
        np.testing.assert_allclose(tuning.body(again.predictor)[weight], right, atol=1e-6)


# -- the loop by itself -----------------------------------------------------------------


def running(task, kept, *, deadline=None, token=None):
    return train(
        task,
        trial_id="trial",
        device="cpu",
        mixed="no",
        deadline=deadline or Deadline(3600.0),
        cancel=token or CancelToken(),
        checkpoints=kept if isinstance(kept, Checkpoints) else kept_in(kept),
    )


def killed(task, folder, steps, last):
    steps.start(last)
    with pytest.raises(Killed):
        trials.finish(running(task, folder))
    steps.start()


def test_every_place_is_a_place_to_go_on_from(steps, tmp_path):
    whole, task = regression(epochs=3.0)
    outcome, reports = trials.finish(running(task, tmp_path / "whole"))
    for last in (1, 2, 5, 6, 7, 8, 9, 12, 19, 23):
        folder = tmp_path / str(last)
        killed(regression(epochs=3.0)[1], folder, steps, last)
        module, task = regression(epochs=3.0)
        again, told = trials.finish(running(task, folder))
        assert steps.taken == 24 - last
        assert torch.equal(module.weight, whole.weight)
        assert torch.equal(module.bias, whole.bias)
        assert curve(told) == curve(reports)
        assert replace(again, seconds_a_step=0.0) == replace(outcome, seconds_a_step=0.0)


def test_what_has_ended_is_not_trained_again(steps, tmp_path):
    whole, task = regression()
    _, reports = trials.finish(running(task, tmp_path))
    steps.start()
    module, task = regression()
    _, told = trials.finish(running(task, tmp_path))
    assert steps.taken == 0
    assert torch.equal(module.weight, whole.weight)
    assert curve(told) == curve(reports)


def test_a_trial_that_is_told_to_stop_while_it_repeats_itself_keeps_the_best(steps, tmp_path):
    _, task = regression()
    killed(task, tmp_path, steps, 20)
    outcome, told = trials.finish(running(regression()[1], tmp_path), Decision.STOP)
    assert len(told) == 1
    assert steps.taken == 0
    assert outcome.metrics["loss"] < outcome.start["loss"]


def test_weights_of_a_loss_and_buffers_come_back(steps, tmp_path):
    """What moves beside the average: numbers that a loss learns, and running statistics."""

    def made():
        module, task = regression()
        own = torch.nn.Parameter(torch.ones(()))
        module.register_buffer("seen", torch.zeros(()))
        plain = task.loss

        def loss(inputs, targets):
            module.seen += len(inputs)
            return plain(inputs, targets) * own + torch.rand(()) * own

        groups = [*task.groups, {"params": [own], "lr": 0.1}]
        return module, own, replace(task, loss=loss, groups=groups)

    torch.manual_seed(0)
    whole, learnt, task = made()
    trials.finish(running(task, tmp_path / "whole"))
    killed(made()[2], tmp_path, steps, 11)
    module, own, task = made()
    trials.finish(running(task, tmp_path))
    assert own.item() == learnt.item() != 1.0
    assert module.seen.item() == whole.seen.item() == 32 * 8
    assert torch.equal(module.weight, whole.weight)


def test_the_scale_of_float16_comes_back(steps, tmp_path, monkeypatch):
    own, scalers = loop._accelerator, []

    def scaling(device, mixed):
        """What Accelerate does for float16, which it refuses on a CPU."""
        accelerator = own(device, mixed)
        accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**24)
        accelerator.state._mixed_precision, accelerator.native_amp = "fp16", True
        scalers.append(accelerator.scaler)
        return accelerator

    monkeypatch.setattr(loop, "_accelerator", scaling)
    whole, task = regression()
    trials.finish(running(task, tmp_path / "whole"))
    killed(regression()[1], tmp_path, steps, 17)
    module, task = regression()
    trials.finish(running(task, tmp_path))
    assert scalers[0].get_scale() == scalers[2].get_scale() < 2.0**24
    assert torch.equal(module.weight, whole.weight)


@pytest.mark.parametrize("harm", ["cut", "garbled", "empty", "foreign", "gone"])
def test_a_torn_state_costs_the_steps_and_nothing_else(harm, steps, tmp_path):
    whole, task = regression()
    trials.finish(running(task, tmp_path / "whole"))
    killed(regression()[1], tmp_path, steps, 20)
    (path,) = (tmp_path / "trial").iterdir()
    content = path.read_bytes()
    half = len(content) // 2
    if harm == "gone":
        path.unlink()
    else:
        flipped = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
        harmed = {"cut": content[:half], "garbled": flipped, "empty": b"", "foreign": b"{}"}
        path.write_bytes(harmed[harm])
    module, task = regression()
    trials.finish(running(task, tmp_path))
    assert steps.taken == 32
    assert torch.equal(module.weight, whole.weight)


def test_a_state_of_another_form_does_not_count(steps, tmp_path):
    killed(regression()[1], tmp_path, steps, 20)
    kept = kept_in(tmp_path)
    other = replace(regression()[1], accumulate=2, steps_an_epoch=4)
    _, told = trials.finish(running(other, kept))
    assert steps.taken == 16
    assert "another batch size" in kept.ignored["training"]
    assert told[0].resource == 0.0


def test_less_memory_is_remembered(steps, tmp_path):
    """The batch that fitted is taken up again; the one that did not is not tried once more."""
    tried = []

    def attempt(kept, size, accumulate):
        tried.append(size)
        if size > 2:
            raise MemoryError
        yield from running(regression()[1], tmp_path)
        return size, kept

    steps.start(20)
    kept = kept_in(tmp_path)
    with pytest.raises(Killed):
        trials.finish(with_less_memory(partial(attempt, kept), 8, checkpoints=kept))
    steps.start()
    kept = kept_in(tmp_path)
    (size, _), _ = trials.finish(with_less_memory(partial(attempt, kept), 8, checkpoints=kept))
    assert tried == [8, 4, 2, 2]
    assert size == 2
    assert steps.taken == 12


def test_what_was_spared_is_spared_again(tmp_path):
    spared = []

    def attempt(size, accumulate):
        if len(spared) < 2:
            raise MemoryError
        yield Report("trial", 0.0)
        return size

    def spare():
        spared.append(True)
        return True

    trial = with_less_memory(attempt, 2, spare=spare, checkpoints=kept_in(tmp_path))
    next(trial)
    trial.close()
    spared.clear()
    trials.finish(with_less_memory(attempt, 2, spare=spare, checkpoints=kept_in(tmp_path)))
    assert len(spared) == 2


def test_a_training_that_fails_is_not_gone_on_with(steps, tmp_path):
    _, task = regression()
    own, calls = task.loss, []

    def loss(inputs, targets):
        calls.append(1)
        if len(calls) == 10:
            raise RuntimeError("out of memory")
        return own(inputs, targets)

    with pytest.raises(RuntimeError):
        trials.finish(running(replace(task, loss=loss), tmp_path))
    assert not kept_in(tmp_path).begun


def test_work_that_time_cut_short_stays_marked_so(steps, tmp_path):
    _, task = regression(epochs=1000.0)
    ended, _ = trials.finish(running(task, tmp_path, deadline=Deadline(0.3)))
    deadline = Deadline(3600.0)
    again, _ = trials.finish(running(regression(epochs=1000.0)[1], tmp_path, deadline=deadline))
    assert again.epochs == ended.epochs < 1000.0
    assert deadline.pressed


def test_cancelled_before_it_goes_on_it_raises_and_keeps_what_there_is(steps, tmp_path):
    _, task = regression(judge=lambda: {"loss": 1.0})
    killed(replace(task, judge=None), tmp_path, steps, 3)
    token = CancelToken()
    token.cancel("enough")
    with pytest.raises(Cancelled, match="enough"):
        trials.finish(running(replace(regression()[1], judge=None), tmp_path, token=token))
    trials.finish(running(replace(regression()[1], judge=None), tmp_path))
    assert steps.taken == 32 - 3


def test_it_is_kept_every_so_often_alone(tmp_path, monkeypatch):
    now, written = [0.0], []
    kept = Checkpoints(tmp_path / "trial", "trial", every_s=10.0, clock=lambda: now[0])
    own = loop._step

    def slow(*given):
        now[0] += 4.0
        return own(*given)

    def counted(self, name, arrays, facts):
        written.append(now[0])
        self._log.last = now[0]
        return True

    monkeypatch.setattr(loop, "_step", slow)
    monkeypatch.setattr(Checkpoints, "keep", counted)
    _, task = regression(epochs=1.0)
    trials.finish(running(task, kept))
    assert written == [12.0, 24.0]


def test_batches_are_skipped_without_being_made(tasks, tmp_path):
    """And with random changes they are made, so that later ones are changed as they would be."""
    for name, config, made in (("text", {}, 2), ("text", {"augment": "eda"}, 4)):
        context, usual = tasks[name]
        tuner, fit = STRATEGIES["finetune"].load()(), rows_of(context)[0]
        network = tuner.network(context, {**usual, **config}, fit)
        batches = network.batches(fit, np.zeros((len(context.y), 1), np.float32), 11, 0)
        whole = list(batches(1))
        assert len(whole) == 4
        calls, own = [], network.view

        def counted(rows, rng, epoch, own=own, calls=calls):
            calls.append(1)
            return own(rows, rng, epoch)

        network.view = counted
        rest = list(batches.rest(1, 2))
        assert len(calls) == made
        for (inputs, _), (right, _) in zip(rest, whole[2:], strict=True):
            assert all(torch.equal(inputs[key], right[key]) for key in right)


# -- heads -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), [("ridge", {}), ("self-training", {"head": "knn"})])
def test_fits_that_took_long_are_not_made_again(name, options, tmp_path, monkeypatch):
    own, fits = judging.fitted, []

    def fitted(*given):
        fits.append(1)
        if len(fits) == stop:
            raise Killed
        return own(*given)

    def tried():
        context = replace(trials.table(TaskKind.MULTICLASS), checkpoints=kept_in(tmp_path))
        return trials.finish(STRATEGIES[name].load()().train(context, ("x",), options))

    stop = None
    whole = trials.trained(name, trials.table(TaskKind.MULTICLASS), **options)
    monkeypatch.setattr(judging, "fitted", fitted)
    tried()
    needed = len(fits)
    kept_in(tmp_path).clear()
    fits.clear()
    stop = needed - 2
    with pytest.raises(Killed):
        tried()
    stop = None
    fits.clear()
    again, reports = tried()
    done = {"ridge": 0, "self-training": 1}[name]  # the first head's refit is a predictor
    assert len(fits) == 3 + done
    np.testing.assert_allclose(again.oof, whole.oof, rtol=0, atol=1e-12)
    assert again.note == whole.note
    assert reports[-1].resource == reports[-1].total


def test_fits_that_took_no_time_are_not_kept(tmp_path):
    context = replace(trials.table(TaskKind.MULTICLASS), checkpoints=kept_in(tmp_path, every_s=10))
    trials.trained("ridge", context)
    assert not kept_in(tmp_path).begun


# -- small networks on tables --------------------------------------------------------------


@pytest.mark.parametrize("last", [1, 4, 9])
def test_epochs_on_tables_are_not_made_again(last, tmp_path, monkeypatch):
    own, epochs = Lanes.epoch, []

    def epoch(lanes, is_over):
        if len(epochs) == stop:
            raise Killed
        epochs.append(1)
        own(lanes, is_over)

    def tried(folder):
        context = trials.table(TaskKind.MULTICLASS)
        kept = kept_in(tmp_path / folder)
        # Folds that leave rows out of all parts ask for a refit at the end.
        own = replace(context, checkpoints=kept, folds=context.folds[:1])
        config = {"epochs": 12}
        return trials.finish(STRATEGIES["mlp"].load()().train(own, ("x",), config))

    monkeypatch.setattr(Lanes, "epoch", epoch)
    stop = None
    whole, reports = tried("whole")
    needed = len(epochs)
    epochs.clear()
    stop = last
    with pytest.raises(Killed):
        tried("part")
    stop = None
    again, told = tried("part")
    assert len(epochs) == needed
    assert curve(told) == curve(reports)
    assert again.note == whole.note
    np.testing.assert_array_equal(again.oof, whole.oof)
    for one, other in zip(again.predictor.networks, whole.predictor.networks, strict=True):
        for (W, b), (right_W, right_b) in zip(one, other, strict=True):
            np.testing.assert_array_equal(W, right_W)
            np.testing.assert_array_equal(b, right_b)
