"""A run whose worker does something at a moment of its own."""

import threading

import automl_nb


class Steered:
    """A run whose worker calls `act` at the first event that `when` wants."""

    def __init__(self, frame, label, root, when, act, **options):
        self.when, self.act, self.acted = when, act, threading.Event()
        self.ready = threading.Event()
        self.run = automl_nb.start(
            frame, label, run_dir=root, time=600, on_event=self.heard, **options
        )
        self.ready.set()

    def heard(self, event):
        self.ready.wait()
        if not self.acted.is_set() and self.when(event):
            self.acted.set()
            self.act(self.run)
