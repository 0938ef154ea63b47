"""The modules that a pickle refers to, from its opcodes; nothing is unpickled.

Two kinds of reference are found: the names that the unpickler would import, and the ``import`` statements and modules
in functions that cloudpickle wrote by value, which run only when the function does.
"""

from __future__ import annotations

import dis
import itertools
import re
from collections.abc import Callable, Iterator
from pickletools import OpcodeInfo, genops, markobject, opcodes, pybytes, pybytes_or_str, pystring, pyunicode
from typing import IO, Any, NamedTuple

#: Opcodes that are followed one by one (a second or so); a larger pickle is searched for names instead.
MAX_OPCODES = 500_000
MAX_SEARCHED_BYTES = 2**28

_IDENTIFIER = rb"[A-Za-z_][A-Za-z0-9_.]*"
#: A name as protocol 4 and later write it (a short string, a second one or a reference to an earlier one, and
#: STACK_GLOBAL), or as earlier protocols do.
_WRITTEN_NAME = re.compile(
    rb"\x8c.(?P<new>%b)\x94(?:\x8c.%b\x94|h.|j....)\x93|c(?P<old>%b)\n%b\n" % ((_IDENTIFIER,) * 4), re.DOTALL
)


def names_in_pickle(file: IO[bytes]) -> set[str]:
    """The dotted names of modules, and of what is imported from them, in a pickle that can be read from its start.

    What cannot be followed to its end, such as a joblib file with the raw bytes of arrays in it, is searched for names
    by the bytes that write them.
    """
    reader = _Reader()
    if not reader.read(file):
        file.seek(0)
        for match in _WRITTEN_NAME.finditer(file.read(MAX_SEARCHED_BYTES)):
            reader.found.add((match["new"] or match["old"]).decode())
    return reader.found


class _Global(NamedTuple):
    module: str
    name: str


_MARK = object()
_CODE_TYPE = object()
_TEXT_OR_BYTES = (pyunicode, pystring, pybytes, pybytes_or_str)
#: Opcodes that change the object below what they pop, which stays where it is.
_CHANGES = {"APPEND": 1, "SETITEM": 2, "BUILD": 1}


class _Reader:
    """Follows the stack of a pickle as far as strings, bytes, tuples and names go; everything else on it is None."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def read(self, file: IO[bytes]) -> bool:
        """Whether the pickle could be followed to its end, and the file ends with it."""
        try:
            for op, argument, _ in itertools.islice(genops(file), MAX_OPCODES):
                _STEPS[op.name](self, op, argument)
                if op.name == "STOP":
                    return not file.read(1)
        except (ValueError, IndexError, KeyError):
            pass
        return False

    def literal(self, _: OpcodeInfo, argument: Any) -> None:
        self.stack.append(argument)

    def put(self, _: OpcodeInfo, argument: Any) -> None:
        self.memo[len(self.memo) if argument is None else argument] = self.stack[-1]

    def get(self, _: OpcodeInfo, argument: Any) -> None:
        self.stack.append(self.memo[argument])

    def mark(self, _: OpcodeInfo, __: Any) -> None:
        self.stack.append(_MARK)

    def tuple(self, op: OpcodeInfo, _: Any) -> None:
        self.stack.append(tuple(self.popped(op)))

    def written_name(self, op: OpcodeInfo, argument: Any) -> None:
        self.popped(op)
        self.stack.append(self.named(*argument.split(" ", 1)))

    def stacked_name(self, op: OpcodeInfo, _: Any) -> None:
        self.stack.append(self.named(*self.popped(op)))

    def reduce(self, op: OpcodeInfo, _: Any) -> None:
        self.stack.append(self.called(*self.popped(op)))

    def change(self, op: OpcodeInfo, _: Any) -> None:
        del self.stack[-_CHANGES[op.name] :]

    def change_to_mark(self, _: OpcodeInfo, __: Any) -> None:
        self.popped_to_mark()

    def other(self, op: OpcodeInfo, _: Any) -> None:
        self.popped(op)
        self.stack += [None] * len(op.stack_after)

    def popped(self, op: OpcodeInfo) -> list[Any]:
        if markobject in op.stack_before:
            return self.popped_to_mark()
        count = len(op.stack_before)
        if count > len(self.stack):
            raise IndexError(count)
        cut = len(self.stack) - count
        taken, self.stack[cut:] = self.stack[cut:], []
        return taken

    def popped_to_mark(self) -> list[Any]:
        taken = []
        while (value := self.stack.pop()) is not _MARK:
            taken.append(value)
        return taken[::-1]

    def named(self, module: Any, name: Any) -> _Global | None:
        if not isinstance(module, str) or not isinstance(name, str):
            return None
        self.found.add(module)
        return _Global(module, name)

    def called(self, function: Any, arguments: Any) -> object:
        """What a call gives: cloudpickle writes modules and the type of code objects as calls of functions of its own.

        A code object is written as a call of that type.
        """
        if not isinstance(arguments, tuple) or not arguments:
            return None
        if function is _CODE_TYPE:
            self.found.update(_imports_of(arguments))
        elif isinstance(function, _Global) and isinstance(arguments[0], str):
            if function.name == "_builtin_type" and arguments[0] == "CodeType":
                return _CODE_TYPE
            if function.name == "subimport":
                self.found.add(arguments[0])
        return None


def _imports_of(code: tuple[Any, ...]) -> Iterator[str]:
    """The names that a code object imports, from the arguments of its constructor (the same since Python 3.8)."""
    bytecode, names = code[6], code[8]
    if not isinstance(bytecode, bytes) or not isinstance(names, tuple):
        return
    module, extended = "", 0
    for operation, argument in zip(bytecode[::2], bytecode[1::2], strict=False):
        index = extended << 8 | argument
        extended = index if operation == dis.EXTENDED_ARG else 0
        if dis.opname[operation] == "IMPORT_NAME":
            module = str(names[index])
            yield module
        elif dis.opname[operation] == "IMPORT_FROM":
            yield f"{module}.{names[index]}"


def _step(op: OpcodeInfo) -> Callable[[_Reader, OpcodeInfo, Any], None]:
    if op.arg is not None and len(op.stack_after) == 1 and op.stack_after[0] in _TEXT_OR_BYTES:
        return _Reader.literal
    by_name = {
        "MARK": _Reader.mark,
        "MEMOIZE": _Reader.put,
        "REDUCE": _Reader.reduce,
        "GLOBAL": _Reader.written_name,
        "INST": _Reader.written_name,
        "STACK_GLOBAL": _Reader.stacked_name,
        "POP_MARK": _Reader.change_to_mark,
    }
    by_name |= dict.fromkeys(_CHANGES, _Reader.change)
    by_name |= dict.fromkeys(("APPENDS", "SETITEMS", "ADDITEMS"), _Reader.change_to_mark)
    by_name |= dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Reader.put)
    by_name |= dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Reader.get)
    by_name |= dict.fromkeys(("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_TUPLE"), _Reader.tuple)
    return by_name.get(op.name, _Reader.other)


_STEPS = {op.name: _step(op) for op in opcodes}
