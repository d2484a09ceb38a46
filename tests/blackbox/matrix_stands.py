"""Which requests stand at the steps of which cells: those that the studio has taken and holds. So it is known that a
disturbance comes while its cells are at their steps, and which cells it has met there.

A request is held by a rule of its own, from some moment between two looks at the rules on; what is said to stand is
held still when it is counted from the first of the two."""

import time

import requests

LEFT_SECONDS = 1  # that a request stands still when the disturbance comes ...
LEFT_PART = 0.4  # ... or so much of the time for which it stands

class Stands:
    """Of the cells of a portion, whose rules the studio has in their order."""

    def __init__(self, url, cells, looks_up):
        self.url = url
        self.rules = [(cell, place == cell.place_of_hold(looks_up)) for cell in cells
                      for place in range(len(cell.rules(looks_up)))]
        self.seconds = {cell.trace: cell.hold_seconds() for cell in cells}
        self.since = {}  # trace: when it did not stand yet, at the latest
        self.met = set()  # traces
        self.looked = time.monotonic()

    def look(self):
        asked = time.monotonic()
        fired = requests.get(self.url + "/studio/faults", timeout=30).json()
        for (cell, is_hold), rule in zip(self.rules, fired, strict=True):
            if is_hold and rule["fired"] and cell.trace not in self.since:
                self.since[cell.trace] = self.looked
        self.looked = asked

    def left(self, trace):
        """Seconds for which it stands still; below 0: it does not."""
        return self.since[trace] + self.seconds[trace] - time.monotonic() if trace in self.since else -1

    def ends_soon(self, trace):
        return self.left(trace) < min(LEFT_SECONDS, LEFT_PART * self.seconds[trace])

    def standing(self):
        """Those that no disturbance has met."""
        return {trace for trace in self.since if trace not in self.met and self.left(trace) > 0}

    def unmet(self):
        return set(self.seconds) - self.met

    def are_to_come(self):
        """Those that have not stood yet."""
        return set(self.seconds) - set(self.since)

    def meet(self):
        """A disturbance has come, just now."""
        self.met |= self.standing()
