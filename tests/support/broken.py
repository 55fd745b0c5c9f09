"""Strategies that break, each in its way."""

import ctypes
import os
import signal
import time
from dataclasses import replace

import numpy as np

from automl_nb.core.trials import Report
from automl_nb.transfer.knn import Knn


class Crash(Knn):
    def train(self, context, inputs, config):
        yield Report(context.trial_id, 0.0)
        ctypes.string_at(0)


class Exit(Knn):
    def train(self, context, inputs, config):
        yield Report(context.trial_id, 0.0)
        os._exit(7)


class Killed(Knn):
    def train(self, context, inputs, config):
        yield Report(context.trial_id, 0.0)
        os.kill(os.getpid(), signal.SIGKILL)


class Hang(Knn):
    def train(self, context, inputs, config):
        yield Report(context.trial_id, 0.0)
        while True:
            time.sleep(60)


class Nan(Knn):
    def train(self, context, inputs, config):
        made = yield from super().train(context, inputs, config)
        return replace(made, oof=np.full_like(made.oof, np.nan))


class Hoard(Knn):
    def train(self, context, inputs, config):
        yield Report(context.trial_id, 0.0)
        held = [bytearray(b"x") * (2**26) for _ in range(64)]
        raise AssertionError(f"{len(held)} times 64 MB fitted")
