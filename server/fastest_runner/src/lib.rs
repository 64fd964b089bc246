//! Runs tests: starts the Python harness in worker processes, speaks its protocol
//! (`docs/harness-protocol.md`), drives [`fastest_schedule`], and tells what happens as
//! [`fastest_model::RunEvent`]s.
//!
//! It knows processes, sockets and signals. It deliberately does not know how tests are
//! discovered, what a terminal looks like, or what LSP is.
//!
//! Reading order: [`request`] (what goes in and comes out), [`run`](fn@run) (the driver), `worker`
//! (one process), [`zygote`] (what workers are forked from), [`resident`] (the same between runs),
//! `template` (the same with a file collected), `transport`, `frame` and `wire` (the protocol),
//! [`bundle`] (the harness's files).

pub mod bundle;
pub mod cancel;
mod clock;
pub mod coverage;
mod driver;
mod exit;
mod expect;
mod frame;
mod group;
mod learn;
mod output;
pub mod plain;
pub mod question;
pub mod relay;
pub mod request;
pub mod resident;
mod summary;
mod template;
mod transport;
mod wire;
mod worker;
pub mod zygote;

pub use bundle::Bundle;
pub use cancel::{Canceller, Cancels, Signal, Signals, cancellation};
pub use coverage::{Coverage, CoverageReport};
pub use driver::{collect_ahead, run};
pub use fastest_schedule::{Dist, Selection};
pub use plain::{Plain, run_plain};
pub use question::ask_pytest;
pub use request::{
    Debugging, PlanDifferences, PlannedUnit, Reruns, RunError, RunRequest, RunSummary, Transport,
    Workers,
};
pub use template::Templates;
pub use zygote::{Preload, Zygote, ZygoteLaunch};
