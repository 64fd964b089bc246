//! Names that are there without an import.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// Whether a name is built in, in some version from 3.9 to 3.14.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(name)
}

static BUILTINS: LazyLock<FxHashSet<&str>> =
    LazyLock::new(|| NAMES.split_ascii_whitespace().collect());

/// The bases of a built-in exception in method resolution order, without `object`.
pub(super) fn exception_bases(name: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(candidate, _)| *candidate == name).map(|(_, bases)| *bases)
}

/// `dir(builtins)` of CPython 3.9 to 3.13.
const NAMES: &str = "
    ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup
    BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError
    ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError
    DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception
    ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError FutureWarning
    GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError
    IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError
    NameError None NotADirectoryError NotImplemented NotImplementedError OSError OverflowError
    PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError
    RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration
    StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError True
    TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
    UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning WindowsError
    ZeroDivisionError __build_class__ __debug__ __import__ abs aiter all anext any ascii bin bool
    breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr
    dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals
    hasattr hash help hex id input int isinstance issubclass iter len license list locals map max
    memoryview min next object oct open ord pow print property quit range repr reversed round set
    setattr slice sorted staticmethod str sum super tuple type vars zip
";

/// Built-in exceptions and their bases.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("BaseException", ""),
    ("ArithmeticError", "Exception BaseException"),
    ("AssertionError", "Exception BaseException"),
    ("AttributeError", "Exception BaseException"),
    ("BaseExceptionGroup", "BaseException"),
    ("BlockingIOError", "OSError Exception BaseException"),
    ("BrokenPipeError", "ConnectionError OSError Exception BaseException"),
    ("BufferError", "Exception BaseException"),
    ("BytesWarning", "Warning Exception BaseException"),
    ("ChildProcessError", "OSError Exception BaseException"),
    ("ConnectionAbortedError", "ConnectionError OSError Exception BaseException"),
    ("ConnectionError", "OSError Exception BaseException"),
    ("ConnectionRefusedError", "ConnectionError OSError Exception BaseException"),
    ("ConnectionResetError", "ConnectionError OSError Exception BaseException"),
    ("DeprecationWarning", "Warning Exception BaseException"),
    ("EOFError", "Exception BaseException"),
    ("EncodingWarning", "Warning Exception BaseException"),
    ("Exception", "BaseException"),
    ("ExceptionGroup", "BaseExceptionGroup Exception BaseException"),
    ("FileExistsError", "OSError Exception BaseException"),
    ("FileNotFoundError", "OSError Exception BaseException"),
    ("FloatingPointError", "ArithmeticError Exception BaseException"),
    ("FutureWarning", "Warning Exception BaseException"),
    ("GeneratorExit", "BaseException"),
    ("ImportError", "Exception BaseException"),
    ("ImportWarning", "Warning Exception BaseException"),
    ("IndentationError", "SyntaxError Exception BaseException"),
    ("IndexError", "LookupError Exception BaseException"),
    ("InterruptedError", "OSError Exception BaseException"),
    ("IsADirectoryError", "OSError Exception BaseException"),
    ("KeyError", "LookupError Exception BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("LookupError", "Exception BaseException"),
    ("MemoryError", "Exception BaseException"),
    ("ModuleNotFoundError", "ImportError Exception BaseException"),
    ("NameError", "Exception BaseException"),
    ("NotADirectoryError", "OSError Exception BaseException"),
    ("NotImplementedError", "RuntimeError Exception BaseException"),
    ("OSError", "Exception BaseException"),
    ("OverflowError", "ArithmeticError Exception BaseException"),
    ("PendingDeprecationWarning", "Warning Exception BaseException"),
    ("PermissionError", "OSError Exception BaseException"),
    ("ProcessLookupError", "OSError Exception BaseException"),
    ("PythonFinalizationError", "RuntimeError Exception BaseException"),
    ("RecursionError", "RuntimeError Exception BaseException"),
    ("ReferenceError", "Exception BaseException"),
    ("ResourceWarning", "Warning Exception BaseException"),
    ("RuntimeError", "Exception BaseException"),
    ("RuntimeWarning", "Warning Exception BaseException"),
    ("StopAsyncIteration", "Exception BaseException"),
    ("StopIteration", "Exception BaseException"),
    ("SyntaxError", "Exception BaseException"),
    ("SyntaxWarning", "Warning Exception BaseException"),
    ("SystemError", "Exception BaseException"),
    ("SystemExit", "BaseException"),
    ("TabError", "IndentationError SyntaxError Exception BaseException"),
    ("TimeoutError", "OSError Exception BaseException"),
    ("TypeError", "Exception BaseException"),
    ("UnboundLocalError", "NameError Exception BaseException"),
    ("UnicodeDecodeError", "UnicodeError ValueError Exception BaseException"),
    ("UnicodeEncodeError", "UnicodeError ValueError Exception BaseException"),
    ("UnicodeError", "ValueError Exception BaseException"),
    ("UnicodeTranslateError", "UnicodeError ValueError Exception BaseException"),
    ("UnicodeWarning", "Warning Exception BaseException"),
    ("UserWarning", "Warning Exception BaseException"),
    ("ValueError", "Exception BaseException"),
    ("Warning", "Exception BaseException"),
    ("ZeroDivisionError", "ArithmeticError Exception BaseException"),
    ("_IncompleteInputError", "SyntaxError Exception BaseException"),
];
