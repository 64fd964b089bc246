--- The server's test items as neotest's positions.

local M = {}

---@type table<string, "namespace"|"test">
local TYPES = { class = "namespace", ["function"] = "test", case = "test" }

---@param item fastest.TestItem
---@return integer[] range Start line and column, end line and column, from 0.
local function range_of(item)
  local range = item.range or item.nameRange
  if not range then
    return { 0, 0, 0, 0 }
  end
  local from, to = range.start, range["end"]
  return { from.line, from.character, to.line, to.character }
end

---@param tree fastest.Tree
---@param item fastest.TestItem
---@param path string
---@return table list neotest's nested lists.
local function nested(tree, item, path)
  local list = {
    {
      id = item.id,
      type = TYPES[item.kind],
      name = item.label,
      path = path,
      range = range_of(item),
    },
  }
  for _, child in ipairs(tree:children(item.id)) do
    if TYPES[child.kind] then
      list[#list + 1] = nested(tree, child, path)
    end
  end
  return list
end

--- neotest knows files by their paths, the server by item ids.
---@param tree fastest.Tree
---@param file fastest.TestItem
---@param path string
---@return table list
function M.of_file(tree, file, path)
  local list = {
    {
      id = path,
      type = "file",
      name = vim.fs.basename(path),
      path = path,
      range = { 0, 0, math.huge, 0 },
    },
  }
  for _, child in ipairs(tree:children(file.id)) do
    list[#list + 1] = nested(tree, child, path)
  end
  return list
end

--- Whether a file may hold tests: the server knows the files of its project; before it has told
--- them, any Python file may.
---@param path string
---@return boolean
function M.may_hold_tests(path)
  if not vim.endswith(path, ".py") then
    return false
  end
  local session = require("fastest.session")
  local items = session.tree:in_file(vim.uri_from_fname(path))
  local known = session.tree:filter(function(item)
    return item.kind == "file"
  end)
  if #known == 0 then
    return vim.fs.basename(path):match("^test_.*%.py$") ~= nil
      or vim.fs.basename(path):match("_test%.py$") ~= nil
  end
  return #items > 0
end

--- Wait for a callback inside neotest's coroutines.
---@async
---@param start fun(done: fun(...))
local function await(start)
  local future = require("nio").control.future()
  start(function(...)
    future.set(...)
  end)
  return future.wait()
end

--- The positions of a file.
---@async
---@param path string
---@return neotest.Tree?
function M.discover(path)
  local client_of, session = require("fastest.client"), require("fastest.session")
  local client = client_of.find()
  if not client then
    return nil
  end
  local document = { uri = vim.uri_from_fname(path) }
  await(function(done)
    vim.schedule(function()
      client_of.discover(client, { textDocument = document }, done)
    end)
  end)
  local file = session.tree:file(document.uri)
  if not file then
    return nil
  end
  return require("neotest.types").Tree.from_list(
    M.of_file(session.tree, file, path),
    function(position)
      return position.id
    end
  )
end

return M
