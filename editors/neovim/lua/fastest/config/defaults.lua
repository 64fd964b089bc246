--- What holds where the user says nothing.

---@type fastest.Config
return {
  cmd = nil,
  root_markers = {
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "setup.py",
    ".git",
  },
  settings = {},
  lenses = true,
  echo = true,
  signs = {
    enable = true,
    priority = 12,
    passed = "✓",
    failed = "✗",
    skipped = "↷",
    running = "●",
    queued = "○",
  },
  virtual_text = { enable = true, durations = true },
  summary = { position = "right", size = 42 },
  output = { position = "bottom", size = 15, open = "never" },
  quickfix = { open = "never" },
  dap = { adapter = "fastest" },
  debugpy = nil,
}
