//! Installed plugins: which are known not to matter, and what the others' sources say.

/// Modules of widespread plugins of which we know that they neither make, drop, rename nor
/// parametrize plain tests. Their sources are read only for a fixture that is found nowhere else.
///
/// `anyio` makes async tests use a fixture (`FileContext::anyio_applies`); `pytest_asyncio`
/// parametrizes only where a conftest defines `pytest_asyncio_loop_factories`.
const HARMLESS: [&str; 30] = [
    "_hypothesis_pytestplugin",
    "anyio.pytest_plugin",
    "faker.contrib.pytest.plugin",
    "hypothesis.extra.pytestplugin",
    "inline_snapshot.pytest_plugin",
    "logfire._internal.integrations.pytest",
    "logfire.testing",
    "platformdirs.pytest_plugin",
    "pytest_aiohttp.plugin",
    "pytest_asyncio.plugin",
    "pytest_benchmark.plugin",
    "pytest_codspeed.plugin",
    "pytest_cov.plugin",
    "pytest_django.plugin",
    "pytest_env.plugin",
    "pytest_examples",
    "pytest_freezer",
    "pytest_html.plugin",
    "pytest_httpserver.pytest_plugin",
    "pytest_instafail",
    "pytest_metadata.plugin",
    "pytest_mock",
    "pytest_mock.plugin",
    "pytest_rerunfailures",
    "pytest_run_parallel.plugin",
    "pytest_sugar",
    "pytest_timeout",
    "time_machine",
    "xdist.looponfail",
    "xdist.plugin",
];

/// Whether a plugin's module is known not to change what is collected.
#[must_use]
pub fn is_harmless(module: &str) -> bool {
    HARMLESS.binary_search(&module).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_is_sorted() {
        assert!(super::HARMLESS.is_sorted());
    }
}
