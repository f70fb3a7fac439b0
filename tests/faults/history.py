"""Histories of concurrent operations, and whether they are linearizable for each certificate.

An operation is a dict: key (the certificate), kind, outcome (what the client was told; None: it never heard), begin and
end (positions in the one order of all beginnings and ends). A certificate is a register with the states good, hold and
revoked; STEP says what an operation may do and be told in each. Certificates do not depend on each other, so each one's
history is checked by itself, by linearizing just in time: at the end of each operation all orders of the operations
then under way are kept that explain what was told so far.
"""


def step(state, kind, outcome):
    """The states after an operation that was told `outcome`, begun in `state`; empty: it could not have been told so."""
    if kind == "read":
        return {state} if outcome in (None, state) else set()
    if kind == "hold":
        done, told = ("hold", "done") if state == "good" else (state, "already")
    elif kind == "revoke":
        done, told = ("revoked", "done") if state != "revoked" else (state, "already")
    elif kind == "release":
        done, told = ("good", "done") if state == "hold" else (state, "refused")
    else:
        raise ValueError(kind)
    if outcome == "conflict":  # another change came first, each time: nothing was done
        return {state}
    return {done} if outcome in (None, told) else set()


def _close(configurations, under_way, upto):
    """All configurations that come of linearizing operations under way until `upto` is among them."""
    found, seen, todo = set(), set(configurations), list(configurations)
    while todo:
        state, done = todo.pop()
        if upto in done:
            found.add((state, done - {upto}))
            continue
        for number, operation in under_way.items():
            if number in done:
                continue
            for after in step(state, operation["kind"], operation["outcome"]):
                configuration = (after, done | {number})
                if configuration not in seen:
                    seen.add(configuration)
                    todo.append(configuration)
    return found


def _forget(configurations, under_way, gone):
    """An operation that nobody heard of any more: it took effect before now, or never will."""
    found = set()
    for state, done in configurations:
        if gone in done:
            found.add((state, done - {gone}))
            continue
        found.add((state, done))
        found |= _close({(state, done)}, under_way, gone)
    return found


def explain(operations, starts):
    """(None or the operation that cannot be explained, the states that can be there in the end) of one certificate that
    began in one of some states. All operations have ended."""
    marks = []
    for number, operation in enumerate(operations):
        marks.append((operation["begin"], 0, number))
        marks.append((operation["end"], 1, number))
    configurations, under_way = {(start, frozenset()) for start in starts}, {}
    for _, is_end, number in sorted(marks):
        operation = operations[number]
        if not is_end:
            under_way[number] = operation
            continue
        if operation["outcome"] is None:
            configurations = _forget(configurations, under_way, number)
        else:
            configurations = _close(configurations, under_way, number)
        if not configurations:
            return operation, set()
        del under_way[number]
    return None, {state for state, _ in configurations}


def anomaly(operations):
    """None when one certificate's operations are linearizable, else the operation that cannot be explained."""
    return explain(operations, {"good"})[0]


class Checker:
    """Takes a history in parts: between two of them nothing is under way, so of each certificate only the states are
    kept that it can be in."""

    def __init__(self):
        self.states, self.operations, self.kinds = {}, 0, {}

    def take(self, operations):
        """The operations of this part that cannot be explained: the first one of each certificate."""
        by_key, found = {}, []
        for operation in operations:
            by_key.setdefault(operation["key"], []).append(operation)
            kind = f"{operation['kind']} {operation['outcome']}"
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
        for key, history in by_key.items():
            wrong, self.states[key] = explain(history, self.states.get(key, {"good"}))
            if wrong is not None:
                found.append(wrong)
        self.operations += len(operations)
        return found
