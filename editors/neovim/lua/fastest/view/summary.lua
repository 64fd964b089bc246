--- The summary window: the tree of all tests, with their states.

local client_of = require("fastest.client")
local session = require("fastest.session")
local text = require("fastest.view.text")
local window = require("fastest.view.window")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("fastest.summary")

---@type integer?
local bufnr
---@type table<string, boolean> Roots and dirs are open unless they were closed.
local opened = {}
---@type fastest.TestItem[] The item of each line.
local rows = {}
---@type { mark?: string, failed?: boolean }
local filter = {}
local redraw_is_due = false

---@param item fastest.TestItem
---@return boolean
local function is_open(item)
  local state = opened[item.id]
  if state ~= nil then
    return state
  end
  return item.kind == "root" or item.kind == "dir"
end

---@param item fastest.TestItem
---@return boolean
local function is_leaf(item)
  return #session.tree:children(item.id) == 0
end

--- Whether an item, or anything below it, passes the filter.
---@param item fastest.TestItem
---@return boolean
local function is_wanted(item)
  if not filter.mark and not filter.failed then
    return true
  end
  if not is_leaf(item) then
    return vim.iter(session.tree:children(item.id)):any(is_wanted)
  end
  local result = session.results.by_item[item.id]
  local marked = not filter.mark or vim.tbl_contains(item.tags, "mark:" .. filter.mark)
  return marked and (not filter.failed or (result ~= nil and result.state == "failed"))
end

---@param item fastest.TestItem
---@param depth integer
---@return string line
---@return { [1]: integer, [2]: integer, [3]: string }[] highlights
local function row(item, depth)
  local sum = session.results:sum(session.tree, item.id)
  local fold = item.canResolveChildren and (is_open(item) and "▾ " or "▸ ") or "  "
  local sign = sum and text.sign(sum.state) or "·"
  local indent = ("  "):rep(depth) .. fold
  local label = item.kind == "root" and vim.fn.fnamemodify(item.label, ":~") or item.label
  local line = ("%s%s %s"):format(indent, sign, label)
  local highlights = { { #indent, #indent + #sign, sum and text.group(sum) or "FastestQueued" } }
  local note = item.error and item.error.message
    or session.tree:is_stale(item.id) and "stale"
    or sum and sum.state ~= "queued" and text.duration(sum.durationMs)
    or item.certainty == "runtime" and "known at run time"
    or item.canResolveChildren and item.testCount and tostring(item.testCount)
  if note then
    local first = #line
    line = ("%s  %s"):format(line, vim.split(note, "\n")[1])
    highlights[2] = { first, #line, item.error and "FastestFailed" or "FastestTime" }
  end
  return line, highlights
end

---@param item fastest.TestItem
---@param depth integer
---@param lines string[]
---@param marks table[]
local function add(item, depth, lines, marks)
  if not is_wanted(item) then
    return
  end
  local line, highlights = row(item, depth)
  rows[#rows + 1] = item
  lines[#lines + 1] = line
  marks[#lines] = highlights
  if is_open(item) then
    for _, child in ipairs(session.tree:children(item.id)) do
      add(child, depth + 1, lines, marks)
    end
  end
end

---@return string
local function headline()
  local run = session.results:last()
  local parts = {}
  if filter.mark then
    parts[#parts + 1] = "mark: " .. filter.mark
  end
  if filter.failed then
    parts[#parts + 1] = "failed only"
  end
  if run then
    parts[#parts + 1] = require("fastest.statusline").of(run)
  end
  return #parts > 0 and table.concat(parts, " · ") or "g? shows the keys"
end

local function draw()
  if not (bufnr and vim.api.nvim_buf_is_valid(bufnr) and window.showing(bufnr)) then
    return
  end
  local lines, marks = { headline() }, {}
  rows = { false }
  for _, root in ipairs(session.tree:children()) do
    add(root, 0, lines, marks)
  end
  if #lines == 1 then
    lines[2] = "no tests yet"
  end
  window.write(bufnr, 0, -1, lines)
  vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, 0, 0, {
    end_col = #lines[1],
    hl_group = "FastestTime",
  })
  for line, highlights in pairs(marks) do
    for _, mark in ipairs(highlights) do
      vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, line - 1, mark[1], {
        end_col = mark[2],
        hl_group = mark[3],
      })
    end
  end
end

--- Something changed: draw once for all changes of this moment.
function M.changed()
  if redraw_is_due or not bufnr then
    return
  end
  redraw_is_due = true
  vim.schedule(function()
    redraw_is_due = false
    draw()
  end)
end

---@return fastest.TestItem?
local function under_cursor()
  return rows[vim.api.nvim_win_get_cursor(0)[1]] or nil
end

---@param act fun(client: vim.lsp.Client, item: fastest.TestItem)
local function with_item(act)
  local item, client = under_cursor(), client_of.need()
  if item and client then
    act(client, item)
  end
end

local keys = {}

---@param lhs string
---@param what string
---@param act fun()
local function key(lhs, what, act)
  keys[#keys + 1] = { lhs = lhs, what = what, act = act }
end

local function run_as(mode)
  return function()
    with_item(function(client, item)
      require("fastest.run").start(client, { include = { item.id }, mode = mode })
    end)
  end
end

key("<cr>", "open or close; on a test, go to it", function()
  local item = under_cursor()
  if item and item.canResolveChildren then
    M.toggle_item(item)
  else
    M.jump()
  end
end)
key("o", "open or close", function()
  with_item(function(_, item)
    M.toggle_item(item)
  end)
end)
key("i", "go to the test", function()
  M.jump()
end)
key("r", "run", run_as("run"))
key("d", "debug", run_as("debug"))
key("R", "run everything", function()
  require("fastest.run").all()
end)
key("F", "run what failed", function()
  require("fastest.run").failed()
end)
key("x", "cancel", function()
  require("fastest.run").cancel()
end)
key("p", "show output", function()
  with_item(function(_, item)
    require("fastest.view.output").open(item.id)
  end)
end)
key("m", "filter by mark", function()
  M.choose_mark()
end)
key("f", "show failed tests only, or all", function()
  filter.failed = not filter.failed
  draw()
end)
key("q", "close", function()
  M.close()
end)
key("g?", "show these keys", function()
  local lines = vim.tbl_map(function(entry)
    return ("%-6s %s"):format(entry.lhs, entry.what)
  end, keys)
  vim.api.nvim_echo({ { table.concat(lines, "\n") } }, false, {})
end)

---@return integer
local function buffer()
  if not (bufnr and vim.api.nvim_buf_is_valid(bufnr)) then
    bufnr = window.scratch("fastest://summary", "fastest-summary")
    for _, entry in ipairs(keys) do
      vim.keymap.set(
        "n",
        entry.lhs,
        entry.act,
        { buffer = bufnr, desc = entry.what, nowait = true }
      )
    end
  end
  return bufnr
end

--- Open or close an item; what is below it is asked for when it is first opened.
---@param item fastest.TestItem
function M.toggle_item(item)
  opened[item.id] = not is_open(item)
  local client = client_of.need()
  if opened[item.id] and client and not session.tree:is_listed(item.id) then
    client_of.discover(client, { itemId = item.id })
  end
  draw()
end

--- Go to the item under the cursor.
function M.jump()
  local item = under_cursor()
  local range = item and (item.nameRange or item.range)
  if item and item.uri and item.kind ~= "root" and item.kind ~= "dir" then
    window.jump(item.uri, range and range.start.line or 0)
  end
end

--- Show only tests with a mark; without one, all.
---@param mark? string
function M.filter_mark(mark)
  filter.mark = mark ~= "" and mark or nil
  draw()
end

--- The marks of all known tests, sorted.
---@return string[]
function M.marks()
  local found = {}
  session.tree:filter(function(item)
    for _, tag in ipairs(item.tags) do
      found[tag:gsub("^mark:", "")] = true
    end
    return false
  end)
  local marks = vim.tbl_keys(found)
  table.sort(marks)
  return marks
end

--- Let the user choose a mark to filter by.
function M.choose_mark()
  local all = "(all tests)"
  local choices = vim.list_extend({ all }, M.marks())
  vim.ui.select(choices, { prompt = "Show tests with the mark" }, function(choice)
    if choice then
      M.filter_mark(choice ~= all and choice or nil)
    end
  end)
end

--- Fetch what the open levels need.
---@param client vim.lsp.Client
---@param id? string
---@param done fun() Called once all of them are there.
local function load(client, id, done)
  client_of.discover(client, { itemId = id }, function()
    local left = 1
    local function one_less()
      left = left - 1
      if left == 0 then
        done()
      end
    end
    for _, child in ipairs(session.tree:children(id)) do
      if is_open(child) and child.canResolveChildren and not session.tree:is_listed(child.id) then
        left = left + 1
        load(client, child.id, one_less)
      end
    end
    one_less()
  end)
end

--- Put the cursor on an item's row, if it has one.
---@param winid integer
---@param id string
local function reveal(winid, id)
  for line, item in ipairs(rows) do
    if item and item.id == id then
      vim.api.nvim_win_set_cursor(winid, { line, 0 })
    end
  end
end

--- Open the summary, with the tests of the current file in sight.
---@param enter? boolean Whether the cursor goes there; default: yes.
function M.open(enter)
  local config = require("fastest.config").get().summary
  local file = session.tree:file(vim.uri_from_bufnr(0))
  if file then
    opened[file.id] = true
  end
  local winid = window.show(buffer(), config, "fastest", enter ~= false)
  draw()
  local client = client_of.need()
  if not client then
    return
  end
  load(client, nil, function()
    if file and vim.api.nvim_win_is_valid(winid) then
      draw()
      reveal(winid, file.id)
    end
  end)
end

--- Close it.
function M.close()
  local winid = bufnr and window.showing(bufnr)
  if winid then
    vim.api.nvim_win_close(winid, false)
  end
end

--- Open it, or close it if it is open.
function M.toggle()
  if bufnr and vim.api.nvim_buf_is_valid(bufnr) and window.showing(bufnr) then
    M.close()
  else
    M.open()
  end
end

return M
