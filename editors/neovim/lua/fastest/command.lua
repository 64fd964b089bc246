--- `:Fastest` and its completion.

local M = {}

---@class fastest.Subcommand
---@field run fun(words: string[])
---@field about string
---@field complete? fun(lead: string): string[]

---@param words string[]
---@return string[] node_ids
---@return string[] options
local function split(words)
  local node_ids, options = {}, {}
  for _, word in ipairs(words) do
    -- Once an option was seen, what follows may be its value.
    local is_option = #options > 0 or word:sub(1, 1) == "-"
    table.insert(is_option and options or node_ids, word)
  end
  return node_ids, options
end

---@param words string[]
---@return fastest.RunOptions
local function options_of(words)
  return { args = #words > 0 and words or nil }
end

---@param mode? fastest.Mode
---@return fun(words: string[])
local function run(mode)
  return function(words)
    local node_ids, options = split(words)
    local chosen = vim.tbl_extend("force", options_of(options), { mode = mode })
    if #node_ids > 0 then
      require("fastest.run").node_ids(node_ids, chosen)
    elseif mode == "debug" then
      require("fastest.run").nearest(chosen)
    else
      require("fastest.run").all(chosen)
    end
  end
end

---@param lead string
---@return string[]
local function complete_node_ids(lead)
  local items = require("fastest.session").tree:filter(function(item)
    return item.nodeId ~= "" and vim.startswith(item.nodeId, lead)
  end)
  local ids = vim.tbl_map(function(item)
    return item.nodeId
  end, items)
  table.sort(ids)
  return ids
end

---@param choices fun(): string[]
---@return fun(lead: string): string[]
local function complete_from(choices)
  return function(lead)
    return vim.tbl_filter(function(choice)
      return vim.startswith(choice, lead)
    end, choices())
  end
end

---@type table<string, fastest.Subcommand>
M.subcommands = {
  run = {
    about = "run everything, or the node ids that are named; pytest's options may follow",
    run = run(),
    complete = complete_node_ids,
  },
  coverage = {
    about = "the same, marking what is not covered; without arguments again, take the marks away",
    run = function(words)
      require("fastest.view.coverage").toggle(words, run("coverage"))
    end,
    complete = complete_node_ids,
  },
  debug = {
    about = "debug the nearest test, or the node ids that are named",
    run = run("debug"),
    complete = complete_node_ids,
  },
  file = {
    about = "run the tests of this file, or those that it affects",
    run = function(words)
      require("fastest.run").file(options_of(words))
    end,
  },
  nearest = {
    about = "run the test around the cursor",
    run = function(words)
      require("fastest.run").nearest(options_of(words))
    end,
  },
  last = {
    about = "run again what was run last",
    run = function()
      require("fastest.run").last()
    end,
  },
  failed = {
    about = "run what failed",
    run = function(words)
      require("fastest.run").failed(options_of(words))
    end,
  },
  cancel = {
    about = "cancel every run; a second time, by force",
    run = function()
      require("fastest.run").cancel()
    end,
  },
  output = {
    about = "show the account of the last run",
    run = function()
      require("fastest.view.output").open(nil, nil, true)
    end,
  },
  quickfix = {
    about = "list the failures of the last run",
    run = function()
      require("fastest.view.quickfix").open()
    end,
  },
  watch = {
    about = "run affected tests by themselves (edit, save), or stop doing so",
    run = function(words)
      require("fastest.run").watch(words[1])
    end,
    complete = complete_from(function()
      return { "edit", "save" }
    end),
  },
  summary = {
    about = "open or close the tree of all tests; with a mark, show only tests that have it",
    run = function(words)
      local summary = require("fastest.view.summary")
      if words[1] then
        summary.open()
        summary.filter_mark(words[1])
      else
        summary.toggle()
      end
    end,
    complete = complete_from(function()
      return require("fastest.view.summary").marks()
    end),
  },
  explain = {
    about = "show exactly how the test around the cursor is run",
    run = function()
      require("fastest.explain").nearest()
    end,
  },
}

---@return string[]
local function names()
  local found = vim.tbl_keys(M.subcommands)
  table.sort(found)
  return found
end

--- Carry out `:Fastest …`.
---@param words string[]
function M.execute(words)
  local name = words[1] or "nearest"
  local subcommand = M.subcommands[name]
  if not subcommand then
    local known = table.concat(names(), ", ")
    vim.notify(
      ("fastest: `%s` is no subcommand; there are %s"):format(name, known),
      vim.log.levels.ERROR
    )
    return
  end
  subcommand.run(vim.list_slice(words, 2))
end

--- Complete `:Fastest …`.
---@param lead string The word so far.
---@param line string The whole line so far.
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line), "%s+")
  local position = #words + (lead == "" and 1 or 0)
  if position <= 2 then
    return complete_from(names)(lead)
  end
  local subcommand = M.subcommands[words[2]]
  return subcommand and subcommand.complete and subcommand.complete(lead) or {}
end

return M
