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


def anomaly(operations, start="good"):
    """None when one certificate's operations are linearizable, else the operation that cannot be explained."""
    marks = []
    for number, operation in enumerate(operations):
        marks.append((operation["begin"], 0, number))
        marks.append((operation["end"], 1, number))
    configurations, under_way = {(start, frozenset())}, {}
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
            return operation
        del under_way[number]
    return None


def anomalies(operations):
    """The operations of all certificates that cannot be explained: the first one of each certificate."""
    by_key = {}
    for operation in operations:
        by_key.setdefault(operation["key"], []).append(operation)
    return [found for history in by_key.values() if (found := anomaly(history)) is not None]
