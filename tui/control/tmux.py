"""PLACEHOLDER by the lead so that the rest runs; to be replaced whole by its owner (keep TmuxError, pane_of, jump)."""


class TmuxError(Exception):
    pass


def pane_of(pid: int): ...


def jump(pane) -> None: ...
