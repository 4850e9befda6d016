"""What a template's function writes is put into one list, and given away at once.

Jinja hands every word of a page through a generator for each of the layers around it: a page of two
hundred and fifty parts that extends another passes seven hundred and fifty times. Nobody here takes
a page by its parts, so each function collects its own. What a page says does not change.
"""

from jinja2.compiler import CodeGenerator, Frame


class Joining(CodeGenerator):
    """Writes root and blocks as Jinja writes macros: into a buffer."""

    _own: Frame | None = None
    """The frame of the function that is being written. Functions follow each other."""

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        if frame.buffer is None:
            self._own = frame
            self.buffer(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:  # noqa: FBT001, FBT002  (Jinja's)
        if frame is self._own:
            self.writeline(f"yield concat({frame.buffer})")
        super().leave_frame(frame, with_python_scope)
