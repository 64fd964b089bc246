//! From options to what the runner is asked besides the tests: which of them run, in which order,
//! how often and how long, and what earlier runs left for that.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use fastest_runner::{Dist, Reruns, RunRequest, Selection, Workers};
use fastest_workspace::memory::{Places, durations_file};
use fastest_workspace::options::{Options, StandIn, UsageError};
use fastest_workspace::project::Project;

/// Modules of the plugins that we stand in for, and the options which are theirs.
const STAND_INS: [(&str, &[&str]); 2] = [
    ("pytest_timeout", &["--timeout=", "--session-timeout="]),
    ("pytest_rerunfailures", &["--reruns=", "--reruns-delay=", "--only-rerun=", "--rerun-except="]),
];

/// Completes a request whose plan is there; where its memory is kept.
///
/// # Errors
///
/// An option whose value makes no sense.
pub(super) fn arrange(request: &mut RunRequest, project: &Project) -> Result<Places, UsageError> {
    let options = &project.config.options;
    let places = places(project);
    if options.running.cache_clear {
        places.clear();
    }
    request.memory = places.load();
    request.selection = selection(request, project);
    request.dist = dist(options)?;
    request.max_restarts = options
        .running
        .max_restarts
        .as_deref()
        .map(|text| count("--max-worker-restart", text))
        .transpose()?;
    request.repeat = match options.own.repeat {
        Some(times) => usize::try_from(times)
            .ok()
            .filter(|&times| times > 0)
            .ok_or_else(|| UsageError::new(format!("argument --repeat: {times} is less than 1")))?,
        None => 1,
    };
    if let Some(text) = &options.own.shard {
        request.shard = Some(shard(text)?);
        if options.own.durations_file.is_none() {
            // Every machine has a cache of its own, and must deal the same parts.
            request.memory.durations.clear();
        }
    }
    if let Some(max) = request.max_failures {
        request.pytest_args.push(format!("--maxfail={max}"));
    }
    stepwise(request, options);
    stand_in(request, project)?;
    Ok(places)
}

/// Where what runs leave is kept.
pub(super) fn places(project: &Project) -> Places {
    let config = &project.config;
    let blocked = config.blocked_plugins.iter().any(|name| name == "cacheprovider");
    let durations = config.options.own.durations_file.as_deref();
    Places {
        cache: (!blocked).then(|| config.cache_dir()),
        durations: durations.map(|given| durations_file(&config.invocation_dir, given)),
    }
}

fn selection(request: &RunRequest, project: &Project) -> Selection {
    let selecting = &project.config.options.selecting;
    let (memory, rootdir) = (&request.memory, &project.config.rootdir);
    Selection {
        last_failed_only: selecting.last_failed,
        failed_first: selecting.failed_first,
        new_first: selecting.new_first,
        nothing_without_failures: selecting.nothing_without_failures,
        last_failed: memory.last_failed.clone(),
        node_ids: memory.node_ids.clone(),
        changed: match selecting.new_first {
            true => changed(request, rootdir),
            false => HashMap::new(),
        },
        named: named(project),
    }
}

/// When the planned files were changed, in nanoseconds.
fn changed(request: &RunRequest, rootdir: &Path) -> HashMap<String, u64> {
    let time = |path: &str| {
        let changed = std::fs::metadata(rootdir.join(path)).ok()?.modified().ok()?;
        u64::try_from(changed.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
    };
    let files = request.plan.iter();
    files.filter_map(|unit| Some((unit.path.clone(), time(&unit.path)?))).collect()
}

/// The files that the command line names itself, as node ids.
fn named(project: &Project) -> HashSet<String> {
    let config = &project.config;
    let id = |arg: &String| {
        let path = config.invocation_dir.join(arg.split("::").next().unwrap_or(arg));
        let inside = path.strip_prefix(&config.rootdir).ok()?.to_str()?.replace('\\', "/");
        Some(inside.trim_start_matches("./").to_owned())
    };
    super::given_paths(project).iter().filter_map(id).collect()
}

fn dist(options: &Options) -> Result<Dist, UsageError> {
    match options.running.dist.as_deref() {
        Some("loadscope") => Ok(Dist::LoadScope),
        Some("loadfile") => Ok(Dist::LoadFile),
        Some("each") => Err(UsageError::new("argument --dist: `each` is not supported")
            .hint("it runs every test in every worker; run the command once for each instead")),
        _ => Ok(Dist::Load),
    }
}

fn shard(text: &str) -> Result<(usize, usize), UsageError> {
    let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    parts.filter(|&(k, n)| 1 <= k && k <= n).ok_or_else(|| {
        UsageError::new(format!("argument --shard: invalid value: '{text}'"))
            .hint("`--shard 1/3` is the first of three parts")
    })
}

fn count(option: &str, text: &str) -> Result<usize, UsageError> {
    text.parse()
        .map_err(|_| UsageError::new(format!("argument {option}: invalid int value: '{text}'")))
}

/// `--sw` is about what comes after what: one worker, and pytest's own plugin.
fn stepwise(request: &mut RunRequest, options: &Options) {
    let selecting = &options.selecting;
    let given = [
        (selecting.stepwise, "--stepwise"),
        (selecting.stepwise_skip, "--stepwise-skip"),
        (selecting.stepwise_reset, "--stepwise-reset"),
    ];
    for (_, option) in given.into_iter().filter(|(given, _)| *given) {
        request.workers = Workers::Count(1);
        request.pytest_args.push(option.to_owned());
    }
}

/// Take over the options of plugins that are not installed.
fn stand_in(request: &mut RunRequest, project: &Project) -> Result<(), UsageError> {
    let given = &project.config.options.own.stand_in;
    let plugins = &project.index.world().settings.plugins;
    for (module, options) in STAND_INS {
        if plugins.iter().any(|plugin| plugin.split('.').next() == Some(module)) {
            continue;
        }
        request.pytest_args.retain(|arg| !options.iter().any(|option| arg.starts_with(option)));
        if module == "pytest_timeout" {
            request.timeout = limit("--timeout", given.timeout.as_deref())?;
            let run = limit("--session-timeout", given.run_timeout.as_deref())?;
            request.run_timeout = run.map(Duration::from_secs_f64);
        } else {
            request.reruns = reruns(given)?;
        }
    }
    Ok(())
}

fn reruns(given: &StandIn) -> Result<Option<Reruns>, UsageError> {
    let Some(text) = &given.reruns else { return Ok(None) };
    Ok(Some(Reruns {
        count: count("--reruns", text)?,
        delay: limit("--reruns-delay", given.delay.as_deref())?.unwrap_or(0.0),
        only: given.only.clone(),
        except: given.except.clone(),
    }))
}

/// A number of seconds; 0 is no limit.
fn limit(option: &str, text: Option<&str>) -> Result<Option<f64>, UsageError> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.trim().parse::<f64>().ok().filter(|seconds| (0.0..1e9).contains(seconds));
    let wrong = || UsageError::new(format!("argument {option}: invalid float value: '{text}'"));
    seconds.ok_or_else(wrong).map(|seconds| Some(seconds).filter(|&seconds| seconds > 0.0))
}
