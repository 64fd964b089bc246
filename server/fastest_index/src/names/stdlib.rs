//! The standard library's modules, from `sys.stdlib_module_names` of CPython 3.10 to 3.13 and the
//! release notes of 3.9 and 3.14.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

/// Whether a module is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Every interpreter of the version and platform has it.
    Present,
    /// No interpreter of the version and platform has it.
    Absent,
    /// It depends on how the interpreter was built, or is not known here.
    Unknown,
}

/// The newest version of Python 3 whose modules are known here.
pub const NEWEST_MINOR: u16 = 14;

/// Whether a dotted name lies in the standard library of some version from 3.9 to 3.14.
///
/// CPython's own `test` package does not count: many projects have a package of that name.
#[must_use]
pub fn is_stdlib(dotted: &str) -> bool {
    let top = dotted.split('.').next().unwrap_or(dotted);
    MODULES.contains(top)
}

/// The top-level modules of all versions.
static MODULES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let versioned = VERSIONED.iter().map(|(name, _, _)| *name);
    let always = PUBLIC.split_ascii_whitespace().chain(PRIVATE.split_ascii_whitespace());
    always.chain(versioned).collect()
});

/// Whether a standard library module is there in a version of Python 3 (its minor number) on a
/// platform (`sys.platform`).
#[must_use]
pub fn presence(dotted: &str, minor: u16, platform: &str) -> Presence {
    let top = dotted.split('.').next().unwrap_or(dotted);
    let conditions = CONDITIONS.get(top).copied().unwrap_or_default();
    if !conditions.hold(minor, platform) {
        return Presence::Absent;
    }
    let certain = if dotted == top {
        !top.starts_with('_') && !conditions.is_optional
    } else {
        is_submodule(dotted)
    };
    if certain { Presence::Present } else { Presence::Unknown }
}

/// On what it depends whether a module is there.
#[derive(Clone, Copy, Default)]
struct Conditions {
    /// The minor versions from the first that has it to the first that has it no more.
    versions: Option<(u16, u16)>,
    /// Whether Windows has it, where only Windows or only the others do.
    windows: Option<bool>,
    /// Whether an interpreter may be without it.
    is_optional: bool,
}

impl Conditions {
    fn hold(self, minor: u16, platform: &str) -> bool {
        self.versions.is_none_or(|(since, until)| (since..until).contains(&minor))
            && self.windows.is_none_or(|windows| windows == (platform == "win32"))
    }
}

/// Those of the modules that not every interpreter has.
static CONDITIONS: LazyLock<FxHashMap<&str, Conditions>> = LazyLock::new(|| {
    let mut all: FxHashMap<&str, Conditions> = FxHashMap::default();
    for &(name, since, until) in VERSIONED {
        all.entry(name).or_default().versions = Some((since, until));
    }
    for (names, windows) in [(WINDOWS_ONLY, true), (UNIX_ONLY, false)] {
        for name in names.split_ascii_whitespace() {
            all.entry(name).or_default().windows = Some(windows);
        }
    }
    for name in OPTIONAL.split_ascii_whitespace() {
        all.entry(name).or_default().is_optional = true;
    }
    all
});

/// Whether a dotted name is a module below a package of the standard library.
pub(super) fn is_submodule(dotted: &str) -> bool {
    dotted.contains('.') && SUBMODULE_SET.contains(dotted)
}

static SUBMODULE_SET: LazyLock<FxHashSet<&str>> =
    LazyLock::new(|| SUBMODULES.split_ascii_whitespace().collect());

/// Whether a module of the standard library has a public name in a version of Python 3 (its minor
/// number); `None` for modules and names of which that is not known here.
pub(super) fn has_name(module: &str, name: &str, minor: u16) -> Option<bool> {
    let lines = NAMES.lines().filter_map(|line| line.split_once(": "));
    let (_, names) = lines.into_iter().find(|(candidate, _)| *candidate == module)?;
    let rest = names.split(' ').find_map(|word| {
        word.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(['+', '-']))
    })?;
    let (since, until) = rest.split_once('-').unwrap_or((rest, ""));
    let bound = |text: &str| text.trim_start_matches('+').parse::<u16>().ok();
    Some(
        bound(since).is_none_or(|since| since <= minor)
            && bound(until).is_none_or(|until| minor < until),
    )
}

const NAMES: &str = include_str!("stdlib_names.txt");

/// Modules that come and go: name, first minor version, first minor version without it.
const VERSIONED: &[(&str, u16, u16)] = &[
    ("aifc", 0, 13),
    ("annotationlib", 14, 99),
    ("asynchat", 0, 12),
    ("asyncore", 0, 12),
    ("audioop", 0, 13),
    ("binhex", 0, 11),
    ("cgi", 0, 13),
    ("cgitb", 0, 13),
    ("chunk", 0, 13),
    ("compression", 14, 99),
    ("crypt", 0, 13),
    ("formatter", 0, 10),
    ("imghdr", 0, 13),
    ("imp", 0, 12),
    ("lib2to3", 0, 13),
    ("mailcap", 0, 13),
    ("msilib", 0, 13),
    ("nis", 0, 13),
    ("nntplib", 0, 13),
    ("ossaudiodev", 0, 13),
    ("parser", 0, 10),
    ("pipes", 0, 13),
    ("smtpd", 0, 12),
    ("sndhdr", 0, 13),
    ("spwd", 0, 13),
    ("sunau", 0, 13),
    ("symbol", 0, 10),
    ("telnetlib", 0, 13),
    ("tomllib", 11, 99),
    ("uu", 0, 13),
    ("xdrlib", 0, 13),
];

/// Modules that exist on Windows only.
const WINDOWS_ONLY: &str = "_msi _winapi msilib msvcrt nt winreg winsound";

/// Modules that Windows does not have.
const UNIX_ONLY: &str =
    "crypt fcntl grp nis ossaudiodev posix pty pwd resource spwd syslog termios tty";

/// Modules that an interpreter can be built, or a distribution packaged, without.
const OPTIONAL: &str = "
    bz2 crypt ctypes curses dbm distutils ensurepip gzip idlelib lib2to3 lzma msilib nis ossaudiodev
    pydoc_data readline spwd sqlite3 ssl tkinter turtle turtledemo venv zlib
";

/// Modules of all versions from 3.9 to 3.14.
const PUBLIC: &str = "
    abc antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2
    cProfile calendar cmath cmd code codecs codeop collections colorsys compileall concurrent
    configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm
    decimal difflib distutils dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
    fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob
    graphlib grp gzip hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress
    itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap
    modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path numbers opcode operator
    optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath
    pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random
    re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex
    shutil signal site smtplib socket socketserver sqlite3 sre_compile sre_constants sre_parse
    ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog
    tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize
    trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib
    uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xml xmlrpc zipapp zipfile
    zipimport zlib zoneinfo
";

/// Modules that are nobody's business, of any version.
const PRIVATE: &str = "
    __future__ __main__ _abc _aix_support _android_support _ast _asyncio _bisect _blake2 _bootsubprocess
    _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw
    _collections _collections_abc _colorize _compat_pickle _compression _contextvars _crypt _csv
    _ctypes _curses _curses_panel _datetime _dbm _decimal _elementtree _frozen_importlib
    _frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _interpchannels
    _interpqueues _interpreters _io _ios_support _json _locale _lsprof _lzma _markupbase _md5
    _msi _multibytecodec _multiprocessing _opcode _opcode_metadata _operator _osx_support
    _overlapped _pickle _posixshmem _posixsubprocess _py_abc _pydatetime _pydecimal _pyio _pylong
    _pyrepl _queue _random _scproxy _sha1 _sha2 _sha256 _sha3 _sha512 _signal _sitebuiltins
    _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _suggestions _symtable
    _sysconfig _thread _threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings
    _weakref _weakrefset _winapi _wmi _zoneinfo _zstd
";

/// Submodules that all versions from 3.9 on have.
const SUBMODULES: &str = "
    asyncio.base_events asyncio.base_futures asyncio.base_subprocess asyncio.base_tasks
    asyncio.constants asyncio.coroutines asyncio.events asyncio.exceptions asyncio.format_helpers
    asyncio.futures asyncio.locks asyncio.log asyncio.proactor_events asyncio.protocols
    asyncio.queues asyncio.runners asyncio.selector_events asyncio.sslproto asyncio.staggered
    asyncio.streams asyncio.subprocess asyncio.tasks asyncio.threads asyncio.transports
    asyncio.trsock asyncio.unix_events asyncio.windows_events asyncio.windows_utils
    collections.abc concurrent.futures concurrent.futures.process concurrent.futures.thread
    email.base64mime email.charset email.contentmanager email.encoders email.errors
    email.feedparser email.generator email.header email.headerregistry email.iterators
    email.message email.mime email.mime.application email.mime.audio email.mime.base
    email.mime.image email.mime.message email.mime.multipart email.mime.nonmultipart
    email.mime.text email.parser email.policy email.quoprimime email.utils html.entities
    html.parser http.client http.cookiejar http.cookies http.server importlib.abc
    importlib.machinery importlib.metadata importlib.resources importlib.util json.decoder
    json.encoder json.scanner json.tool logging.config logging.handlers
    multiprocessing.connection multiprocessing.context multiprocessing.dummy
    multiprocessing.dummy.connection multiprocessing.forkserver multiprocessing.heap
    multiprocessing.managers multiprocessing.pool multiprocessing.popen_fork
    multiprocessing.popen_forkserver multiprocessing.popen_spawn_posix
    multiprocessing.popen_spawn_win32 multiprocessing.process multiprocessing.queues
    multiprocessing.reduction multiprocessing.resource_sharer multiprocessing.resource_tracker
    multiprocessing.shared_memory multiprocessing.sharedctypes multiprocessing.spawn
    multiprocessing.synchronize multiprocessing.util os.path unittest.async_case unittest.case
    unittest.loader unittest.mock unittest.result unittest.runner unittest.signals
    unittest.suite unittest.util urllib.error urllib.parse urllib.request urllib.response
    urllib.robotparser wsgiref.handlers wsgiref.headers wsgiref.simple_server wsgiref.util
    wsgiref.validate xml.dom xml.dom.NodeFilter xml.dom.domreg xml.dom.expatbuilder
    xml.dom.minicompat xml.dom.minidom xml.dom.pulldom xml.dom.xmlbuilder xml.etree
    xml.etree.ElementInclude xml.etree.ElementPath xml.etree.ElementTree xml.etree.cElementTree
    xml.parsers xml.parsers.expat xml.sax xml.sax.expatreader xml.sax.handler xml.sax.saxutils
    xml.sax.xmlreader xmlrpc.client xmlrpc.server
";
