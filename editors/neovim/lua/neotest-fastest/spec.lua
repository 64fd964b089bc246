--- A run of neotest's, carried out by the server.

local Collector = require("neotest-fastest.collector")

local M = {}

--- Which items a position stands for. neotest names files and folders by their paths.
---@param tree neotest.Tree
---@return string[] ids
local function items_of(tree)
  local session = require("fastest.session")
  local position = tree:data()
  if position.type ~= "file" and position.type ~= "dir" then
    return { position.id }
  end
  local uri = vim.uri_from_fname(position.path)
  local items = session.tree:filter(function(item)
    return item.uri == uri and (item.kind == position.type or item.kind == "root")
  end)
  if #items > 0 then
    return { items[1].id }
  end
  -- A folder that the server has not told of: the files below it.
  local files = session.tree:filter(function(item)
    return item.kind == "file" and vim.startswith(item.uri, uri .. "/")
  end)
  return vim.tbl_map(function(item)
    return item.id
  end, files)
end

---@param args neotest.RunArgs
---@return fastest.RunOptions
local function options_of(args)
  return {
    include = items_of(args.tree),
    mode = args.strategy == "dap" and "debug" or "run",
    args = args.extra_args and #args.extra_args > 0 and args.extra_args or nil,
  }
end

--- What neotest is to do for a position.
---@param args neotest.RunArgs
---@return neotest.RunSpec?
function M.build(args)
  local options = options_of(args)
  if #options.include == 0 then
    return nil
  end
  local collector = Collector.new()
  return {
    -- neotest shows it; the strategy below does not start it.
    command = { "fastest-lsp", "--run" },
    context = { collector = collector },
    strategy = function()
      return require("neotest-fastest.process").start(options, collector)
    end,
    stream = function()
      return function()
        return collector:next()
      end
    end,
  }
end

return M
