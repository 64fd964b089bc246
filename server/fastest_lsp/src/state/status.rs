//! `fastest/status`: how the server is.

use super::State;
use crate::protocol::status::{Health, RootStatus, Status};
use crate::roots::Root;

impl State {
    /// Tells the client how the server is, if that has changed.
    pub(super) fn tell_status(&mut self) {
        if !self.profile.test_items {
            return;
        }
        let now = self.status_now();
        if self.status.as_ref() != Some(&now) {
            self.out.notify("fastest/status", &now);
            self.status = Some(now);
        }
    }

    fn status_now(&self) -> Status {
        let roots: Vec<RootStatus> = self.roots.iter().map(of_root).collect();
        let problems: Vec<&str> = roots.iter().filter_map(|root| root.problem.as_deref()).collect();
        let unread = self.roots.iter().any(|root| root.problem.is_some());
        let health = match (unread, problems.is_empty()) {
            (true, _) => Health::Error,
            (false, false) => Health::Warning,
            (false, true) => Health::Ok,
        };
        Status {
            health,
            quiescent: !self.roots.iter().any(|root| root.loading),
            message: (!problems.is_empty()).then(|| problems.join("\n")),
            roots,
        }
    }
}

fn of_root(root: &Root) -> RootStatus {
    let id = root.id.clone();
    let Some(loaded) = &root.loaded else {
        let rootdir = root.path.display().to_string();
        return RootStatus { id, rootdir, problem: root.problem.clone(), ..RootStatus::default() };
    };
    let config = &loaded.project.config;
    let environment = loaded.project.environment.as_ref();
    let found = environment.ok();
    let pytest = found.and_then(|found| found.pytest.as_ref());
    let no_pytest = found.filter(|found| found.pytest.is_none()).map(|found| {
        let python = found.python.display();
        format!("`{python}` has no pytest; install it with `{python} -m pip install pytest`")
    });
    let no_python = environment.err().map(|problem| match &problem.hint {
        Some(hint) => format!("{}; {hint}", problem.message),
        None => problem.message.clone(),
    });
    RootStatus {
        id,
        rootdir: config.rootdir.display().to_string(),
        config_file: config.inipath.as_ref().map(|path| path.display().to_string()),
        python: found.map(|found| found.python.display().to_string()),
        python_version: found.map(|found| format!("{}.{}", found.version.0, found.version.1)),
        pytest_version: pytest.map(|pytest| pytest.full.clone()),
        test_count: loaded.levels.tests(""),
        problem: root.problem.clone().or(no_python).or(no_pytest),
    }
}
