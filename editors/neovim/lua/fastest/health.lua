--- `:checkhealth fastest`

local M = {}

local function check_neovim()
  if vim.fn.has("nvim-0.10") == 1 then
    vim.health.ok(("Neovim %s"):format(tostring(vim.version())))
  else
    vim.health.error("Neovim 0.10 or newer is needed", "Install a newer Neovim")
  end
end

local function check_server()
  local cmd = require("fastest.config").get().cmd or { "fastest-lsp" }
  if vim.fn.executable(cmd[1]) == 0 then
    vim.health.error(
      ("`%s` is not to be found"):format(cmd[1]),
      { "Put `fastest-lsp` into PATH", "or name it: require('fastest').setup({ cmd = { ... } })" }
    )
    return
  end
  local done = vim.system({ cmd[1], "--version" }, { text = true, timeout = 10000 }):wait()
  local version = vim.trim(done.stdout or "")
  if done.code == 0 then
    vim.health.ok(("%s: %s"):format(vim.fn.exepath(cmd[1]), (version:gsub("\n", "; "))))
  else
    vim.health.error(("`%s --version` failed: %s"):format(cmd[1], done.stderr or ""))
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = require("fastest.client").NAME })
  if #clients == 0 then
    vim.health.warn("No server runs", "Open a Python file of a project")
  end
  for _, client in ipairs(clients) do
    local status = require("fastest.session").status[client.id]
    vim.health.ok(("Server %d: %s"):format(client.id, status and status.health or "no word yet"))
    for _, root in ipairs(status and status.roots or {}) do
      local python = root.python
        and ("%s, pytest %s"):format(root.python, root.pytestVersion or "-")
      vim.health.info(
        ("%s: %d tests; %s"):format(root.rootdir, root.testCount, python or "no Python")
      )
      if root.problem then
        vim.health.warn(root.problem)
      end
    end
  end
end

--- Plugins that are of use: what to require, the name, what for.
local OPTIONAL = {
  { "dap", "nvim-dap", "debugging" },
  { "neotest", "neotest", "running tests through neotest" },
}

local function check_optional()
  for _, plugin in ipairs(OPTIONAL) do
    local module, name, use = unpack(plugin)
    if pcall(require, module) then
      vim.health.ok(("%s is there, for %s"):format(name, use))
    else
      vim.health.info(("%s is not installed; only %s needs it"):format(name, use))
    end
  end
end

--- Look at everything that must be there.
function M.check()
  vim.health.start("fastest")
  check_neovim()
  check_server()
  check_clients()
  check_optional()
  for _, problem in ipairs(require("fastest").problems()) do
    vim.health.error(problem)
  end
end

return M
