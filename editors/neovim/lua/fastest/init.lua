--- Tests of Python projects, live: the public face of the plugin.
---
--- Requiring this does nothing; `setup` starts the server for Python files.

local M = {}

---@type string[]
local problems = {}

---@return integer
local function augroup()
  return vim.api.nvim_create_augroup("fastest", { clear = true })
end

--- Without `vim.lsp.enable` (Neovim 0.10): start for Python files, also for those already open.
local function start_by_filetype()
  vim.api.nvim_create_autocmd("FileType", {
    group = augroup(),
    pattern = "python",
    callback = function(event)
      require("fastest.client").start(event.buf)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype == "python" then
      require("fastest.client").start(bufnr)
    end
  end
end

--- Configure and start: from now on Python files have tests.
---@param config? table A part of `fastest.Config`; see `:help fastest-config`.
function M.setup(config)
  problems = require("fastest.config").set(config)
  for _, problem in ipairs(problems) do
    vim.notify("fastest: " .. problem, vim.log.levels.ERROR)
  end
  if require("fastest.compat").has_enable() then
    vim.lsp.config("fastest", require("fastest.client").config())
    vim.lsp.enable("fastest")
  else
    start_by_filetype()
  end
end

--- What was wrong with the configuration.
---@return string[]
function M.problems()
  return problems
end

--- Run everything.
---@param options? fastest.RunOptions
function M.run(options)
  require("fastest.run").all(options)
end

--- Run the tests of the current file.
---@param options? fastest.RunOptions
function M.run_file(options)
  require("fastest.run").file(options)
end

--- Run the test around the cursor.
---@param options? fastest.RunOptions
function M.run_nearest(options)
  require("fastest.run").nearest(options)
end

--- Debug the test around the cursor.
---@param options? fastest.RunOptions
function M.debug_nearest(options)
  require("fastest.run").nearest(vim.tbl_extend("force", options or {}, { mode = "debug" }))
end

--- Run again what was run last.
function M.run_last()
  require("fastest.run").last()
end

--- Run what failed.
---@param options? fastest.RunOptions
function M.run_failed(options)
  require("fastest.run").failed(options)
end

--- Cancel every run; a second time, by force.
function M.cancel()
  require("fastest.run").cancel()
end

--- Run affected tests by themselves, or stop doing so.
---@param when? "edit"|"save"
function M.watch(when)
  require("fastest.run").watch(when)
end

--- Open or close the tree of all tests.
function M.summary()
  require("fastest.view.summary").toggle()
end

--- Show the account of the last run.
function M.output()
  require("fastest.view.output").open(nil, nil, true)
end

--- The last run in a few characters, for a status line.
---@return string
function M.statusline()
  return require("fastest.statusline").get()
end

return M
