import sys

if sys.version_info >= (3, 11):
    import tomllib

    def test_new():
        assert tomllib
elif TYPE_CHECKING:
    from typing import Any
else:
    tomllib = None

    class TestOld:
        def test_old(self):
            pass

try:
    import numpy as np
except (ImportError, OSError) as error:
    np = None
except Exception:
    raise
else:
    HAVE = True
finally:
    done = True; also = False

for name in ("a", "b"):
    def make(): pass
else:
    pass

while waiting():
    break

with suppress(ValueError), open("x") as file:
    data = file.read()

match sys.platform:
    case "win32" | "cygwin":
        KIND = 1
    case _:
        KIND = 2

match = re.match("a", "b")
type Alias = int
assert HAVE, "message"
raise SystemExit(0)

def unreachable():
    if True:
        return
    # A comment that is indented
# A comment that is not
    yield 1
