//! Coverage as the loop keeps it: of the last few runs, file by file on demand.

use std::sync::Arc;

use fastest_runner::coverage::{DataFolder, Place};
use fastest_runner::{Canceller, RunRequest, cancellation};

use super::runs::{Chosen, Refusal};
use super::{State, invalid};
use crate::event::Reply;
use crate::protocol::coverage::{FileCoverageParams, FileCoverageResult};
use crate::roots::Root;
use crate::runs::covered::{Covered, Covering};

/// So many runs' coverage is kept.
const KEPT: usize = 4;

/// Has a run's data be kept apart, if it measures coverage: what is to be done of it afterwards.
pub(super) fn covering(
    root: &Root,
    request: &mut RunRequest,
    cancellers: &mut Vec<Canceller>,
) -> Result<Option<Covering>, Refusal> {
    let place = Place::of(request);
    let Some(coverage) = &mut request.coverage else { return Ok(None) };
    let folder = DataFolder::new().map_err(|error| {
        let dir = std::env::temp_dir();
        (
            "noCoverage",
            format!("failed to make a folder for coverage in {}: {error}", dir.display()),
        )
    })?;
    coverage.data_file = Some(folder.file());
    let (canceller, cancels) = cancellation();
    cancellers.push(canceller);
    Ok(Some(Covering {
        coverage: coverage.clone(),
        place,
        folder,
        dir: root.path.clone(),
        buffers: request.overlay.clone(),
        cancels,
    }))
}

impl State {
    /// Whether the environments have what measures coverage, as far as that is seen from outside.
    pub(super) fn check_coverage(&self, chosen: &Chosen) -> Result<(), Refusal> {
        for (at, _) in chosen {
            let root = &self.roots[*at];
            let environment = root.loaded.as_ref().map(|loaded| &loaded.project.environment);
            let Some(Ok(environment)) = environment else { continue };
            let is_elsewhere = root.settings.env.iter().any(|(name, _)| name == "PYTHONPATH")
                || std::env::var_os("PYTHONPATH").is_some();
            if !is_elsewhere && !environment.may_have("coverage") {
                let python = environment.python.display();
                return Err((
                    "noCoverage",
                    format!(
                        "`{python}` has no coverage; \
                         install it with `{python} -m pip install coverage`"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Keeps what a run has covered, and forgets what is older.
    pub(super) fn keep_covered(&mut self, run_id: String, covered: Covered) {
        self.runs.covered.push((run_id, Arc::new(covered)));
        if self.runs.covered.len() > KEPT {
            self.runs.covered.remove(0);
        }
    }

    /// `fastest/fileCoverage`
    pub(super) fn file_coverage(
        &self,
        params: FileCoverageParams,
        reply: Reply<FileCoverageResult>,
    ) {
        let kept = self.runs.covered.iter().find(|(run_id, _)| *run_id == params.run_id);
        let Some((_, covered)) = kept else {
            let run_id = params.run_id;
            reply.send(Err(invalid(format!("no coverage of a run `{run_id}` is kept"))));
            return;
        };
        let covered = Arc::clone(covered);
        self.out.runtime().spawn_blocking(move || {
            let found = covered.file(&params.uri, params.item_id.as_deref());
            reply.send(found.map_err(invalid));
        });
    }
}
