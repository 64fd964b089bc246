--- An adapter for neotest: positions come from the server, and runs go through it.
---
--- Use: `require("neotest").setup({ adapters = { require("neotest-fastest") } })`.

local positions = require("neotest-fastest.positions")

---@class neotest.Adapter
local M = { name = "neotest-fastest" }

--- The folder of the project around a folder.
---@param dir string
---@return string?
function M.root(dir)
  return vim.fs.root(dir, require("fastest.config").get().root_markers)
end

--- Folders that hold no tests; pytest's own `norecursedirs`.
---@param name string
---@return boolean
function M.filter_dir(name)
  local skipped = { build = true, dist = true, node_modules = true, venv = true, ["{arch}"] = true }
  return not skipped[name] and not name:match("^%.") and not name:match("%.egg$")
end

--- Whether a file may hold tests; what is in it, the server says.
---@param path string
---@return boolean
function M.is_test_file(path)
  return positions.may_hold_tests(path)
end

--- The tests of a file.
---@async
---@param path string
---@return neotest.Tree?
function M.discover_positions(path)
  return positions.discover(path)
end

--- How a position is run: by the server, for any strategy.
---@param args neotest.RunArgs
---@return neotest.RunSpec?
function M.build_spec(args)
  return require("neotest-fastest.spec").build(args)
end

--- The results of a run that has ended.
---@param spec neotest.RunSpec
---@return table<string, neotest.Result>
function M.results(spec)
  return spec.context.collector:all()
end

return M
