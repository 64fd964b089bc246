--- What a coverage run has not covered: signs in the buffers, and the sums in a message.

local compat = require("fastest.compat")
local session = require("fastest.session")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("fastest.coverage")
local SIGN = "▎"

--- Groups, linked so that any colour scheme has them.
local GROUPS = { FastestUncovered = "DiagnosticError", FastestPartial = "DiagnosticWarn" }

---@class fastest.ShownCoverage
---@field run_id string
---@field client_id integer
---@field files table<string, fastest.FileCoverage> By path.

--- The run whose coverage is shown.
---@type fastest.ShownCoverage?
local shown

--- Clients of coverage runs that have not ended, by run id.
---@type table<string, integer>
local clients = {}

---@class fastest.CoverageMark
---@field line integer From 0.
---@field last integer From 0.
---@field group "FastestUncovered"|"FastestPartial"

--- The statements that did not run, and those that left a branch untaken.  Pure.
---@param told fastest.FileCoverageResult
---@return fastest.CoverageMark[]
function M.marks(told)
  local untaken, marks = {}, {}
  for _, branch in ipairs(told.branches) do
    untaken[branch.line - 1] = untaken[branch.line - 1] or not branch.taken
  end
  for _, statement in ipairs(told.statements) do
    local first, last = statement.range.start.line, statement.range["end"].line
    if statement.count == 0 then
      marks[#marks + 1] = { line = first, last = last, group = "FastestUncovered" }
    elseif untaken[first] then
      marks[#marks + 1] = { line = first, last = first, group = "FastestPartial" }
    end
  end
  return marks
end

--- A share of things as coverage.py rounds it: halves to even, and 0 and 100 are nothing and
--- everything.
---@param covered integer
---@param total integer
---@return integer
local function percent(covered, total)
  local exact = total == 0 and 100 or 100 * covered / total
  local rounded = math.floor(exact)
  local rest = exact - rounded
  if rest > 0.5 or (rest == 0.5 and rounded % 2 == 1) then
    rounded = rounded + 1
  end
  if rounded == 100 and covered < total then
    return 99
  end
  return rounded == 0 and covered > 0 and 1 or rounded
end

--- The sums of files in a sentence.  Pure.
---@param files fastest.FileCoverage[]
---@return string
function M.sentence(files)
  local covered, total, statements, of = 0, 0, 0, 0
  for _, file in ipairs(files) do
    local branches = file.branches or { covered = 0, total = 0 }
    statements, of = statements + file.statements.covered, of + file.statements.total
    covered = covered + file.statements.covered + branches.covered
    total = total + file.statements.total + branches.total
  end
  local plural = #files == 1 and "" or "s"
  return ("%d%% covered, %d of %d statements in %d file%s"):format(
    percent(covered, total),
    statements,
    of,
    #files,
    plural
  )
end

---@param bufnr integer
---@param marks fastest.CoverageMark[]
local function draw(bufnr, marks)
  vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  local lines = vim.api.nvim_buf_line_count(bufnr)
  for _, mark in ipairs(marks) do
    for line = mark.line, math.min(mark.last, lines - 1) do
      vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, line, 0, {
        sign_text = SIGN,
        sign_hl_group = mark.group,
        -- Below the results of tests, which stand on few lines.
        priority = require("fastest.config").get().signs.priority - 1,
      })
    end
  end
end

--- Ask for a buffer's lines and draw them, if its file was measured.
---@param bufnr integer
local function show_in(bufnr)
  local now = shown
  local file = now and now.files[vim.api.nvim_buf_get_name(bufnr)]
  local client = now and vim.lsp.get_client_by_id(now.client_id)
  if not (now and file and client) then
    return
  end
  local asked = { runId = now.run_id, uri = file.uri }
  compat.request(client, "fastest/fileCoverage", asked, function(err, told)
    -- The server keeps the last few runs only; what it has forgotten is no longer shown.
    if not err and shown == now and vim.api.nvim_buf_is_loaded(bufnr) then
      draw(bufnr, M.marks(told))
    end
  end)
end

local function define_groups()
  for name, link in pairs(GROUPS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

local function follow_buffers()
  local group = vim.api.nvim_create_augroup("fastest.coverage", { clear = true })
  vim.api.nvim_create_autocmd("BufReadPost", {
    group = group,
    callback = function(event)
      show_in(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd("ColorScheme", { group = group, callback = define_groups })
end

---@param run fastest.Run
---@param client_id integer
local function show(run, client_id)
  M.clear()
  define_groups()
  follow_buffers()
  local files = {}
  for _, file in ipairs(run.coverage) do
    files[vim.uri_to_fname(file.uri)] = file
  end
  shown = { run_id = run.id, client_id = client_id, files = files }
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      show_in(bufnr)
    end
  end
  local message = "fastest: " .. M.sentence(run.coverage)
  vim.notify(message .. "; :Fastest coverage again takes the signs away")
end

--- Whether a run's coverage is shown.
---@return boolean
function M.is_shown()
  return shown ~= nil
end

--- Show nothing any more.
function M.clear()
  shown = nil
  vim.api.nvim_create_augroup("fastest.coverage", { clear = true })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  end
end

--- A run begins (`User FastestRunStarted`).
---@param run_id string
function M.run_started(run_id)
  local run = session.results.runs[run_id]
  if run and run.mode == "coverage" then
    clients[run_id] = session.client_of_run[run_id]
  end
end

--- A run is over (`User FastestRunEnded`).
---@param run_id string
function M.run_ended(run_id)
  local client_id = clients[run_id]
  clients[run_id] = nil
  local run = session.results.runs[run_id]
  if not (client_id and run) then
    return
  end
  if #run.coverage > 0 then
    show(run, client_id)
  elseif run.ended and run.ended.outcome == "completed" then
    local why = run.ended.message or "nothing of what is measured has run"
    vim.notify("fastest: no coverage: " .. why, vim.log.levels.WARN)
  end
end

--- `:Fastest coverage`: take the signs away if there are any and nothing else is asked for, else
--- run.
---@param words string[]
---@param run fun(words: string[])
function M.toggle(words, run)
  if #words == 0 and M.is_shown() then
    M.clear()
  else
    run(words)
  end
end

return M
