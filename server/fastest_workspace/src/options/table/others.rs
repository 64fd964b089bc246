//! Options of widespread plugins that take a value.
//!
//! They are here only so that `--timeout 60` is not read as a flag and the path `60`; what they
//! mean is the plugin's business, and `--help` does not list them.

use super::{Group, text};

/// Options that `--help` lists as "other plugins".
pub const GROUP: Group = Group {
    title: "other plugins",
    plugin: true,
    specs: &[
        text(&["--timeout"], "timeout"),
        text(&["--timeout-method"], "timeout_method"),
        text(&["--session-timeout"], "session_timeout"),
        text(&["--asyncio-mode"], "asyncio_mode"),
        text(&["--reruns"], "reruns"),
        text(&["--reruns-delay"], "reruns_delay"),
        text(&["--only-rerun"], "only_rerun"),
        text(&["--rerun-except"], "rerun_except"),
        text(&["--count"], "count"),
        text(&["--repeat-scope"], "repeat_scope"),
        text(&["--ds"], "ds"),
        text(&["--dc"], "dc"),
        text(&["--html"], "html"),
        text(&["--css"], "css"),
        text(&["--randomly-seed"], "randomly_seed"),
        text(&["--random-order-bucket"], "random_order_bucket"),
        text(&["--random-order-seed"], "random_order_seed"),
        text(&["--hypothesis-profile"], "hypothesis_profile"),
        text(&["--hypothesis-verbosity"], "hypothesis_verbosity"),
        text(&["--hypothesis-seed"], "hypothesis_seed"),
        text(&["--benchmark-min-time"], "benchmark_min_time"),
        text(&["--benchmark-max-time"], "benchmark_max_time"),
        text(&["--benchmark-min-rounds"], "benchmark_min_rounds"),
        text(&["--benchmark-timer"], "benchmark_timer"),
        text(&["--benchmark-sort"], "benchmark_sort"),
        text(&["--benchmark-group-by"], "benchmark_group_by"),
        text(&["--benchmark-columns"], "benchmark_columns"),
        text(&["--benchmark-storage"], "benchmark_storage"),
        text(&["--splits"], "splits"),
        text(&["--group"], "group"),
        text(&["--durations-path"], "durations_path"),
        text(&["--splitting-algorithm"], "splitting_algorithm"),
        text(&["--json-report-file"], "json_report_file"),
        text(&["--alluredir"], "alluredir"),
        text(&["--base-url"], "base_url"),
        text(&["--browser"], "browser"),
        text(&["--mypy-ini-file"], "mypy_ini_file"),
    ],
};
