"""What a user can be told: one sentence that says what is wrong and what to do."""

from __future__ import annotations


class PipelineError(Exception):
    """Base of every error meant for the user; `str(error)` is the whole message.

    `exit_code` is what the command line ends with.
    """

    exit_code = 1


class UsageError(PipelineError):
    """The request itself makes no sense (an unknown option value, an empty query)."""

    exit_code = 2


class UnreadablePhoto(PipelineError):
    """A picture that cannot be read, or must not be (too large, empty, another format)."""

    exit_code = 3


class ModelMissing(PipelineError):
    """Weights that are not there, damaged, or of another form than expected."""

    exit_code = 4


class IndexMissing(PipelineError):
    """No published index in the folder, or a damaged one."""

    exit_code = 4


class IndexUnwritable(PipelineError):
    """The index could not be changed: no room, no permission, or another writer. What was published stays."""


class IndexMismatch(PipelineError):
    """The index was made by another embedder than the one in use."""

    exit_code = 4
