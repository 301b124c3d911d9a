"""Running a health check as Argo CD does: Lua 5.1 with the libraries base, table and package, and nothing of `string`.

Source: github.com/argoproj/argo-cd, util/lua/lua.go (runLua). There the interpreter is gopher-lua, a Lua 5.1 as well.
`os` is there too, reduced to its clock; a check of ours has no use for it, so it is not given here.
"""

from collections.abc import Mapping
from typing import Any

from lupa import lua51

_LIBRARIES = ("package", "table", "_G")
_OF_BASE = (
    *("assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawset", "select"),
    *("setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall", "_VERSION"),
)


def health(script: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the health and the message that the script gives an object.

    Raises:
        lua51.LuaError: It does not run.
    """
    lua = lua51.LuaRuntime(unpack_returned_tuples=True, register_eval=False, register_builtins=False)
    _restrict(lua)
    lua.globals().obj = _value(lua, body)
    answer = lua.execute(script)
    return answer["status"], answer["message"]


def _restrict(lua: Any) -> None:
    """Take away what Argo CD does not open; methods of strings go by their metatable."""
    lua.execute('getmetatable("").__index = nil')
    globals_ = lua.globals()
    for name in [name for name in globals_ if name not in {*_LIBRARIES, *_OF_BASE}]:
        globals_[name] = None


def _value(lua: Any, value: Any) -> Any:
    """Return a JSON value as Argo CD hands it over; an absent one and a null are the same."""
    if isinstance(value, Mapping):
        return lua.table_from({key: _value(lua, item) for key, item in value.items()})
    if isinstance(value, list):
        return lua.table_from([_value(lua, item) for item in value])
    return value
