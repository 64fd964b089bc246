--- The adapter, under a faithful stand-in for neotest's and nvim-nio's interfaces.

local H = require("helpers")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local function with_positions()
  local child = H.cart()
  H.with_fakes(child)
  child.lua([[
    nio, adapter = require("nio"), require("neotest-fastest")
    path = vim.api.nvim_buf_get_name(0)
    nio.run(function() tree = adapter.discover_positions(path) end)
  ]])
  H.wait(child, "tree ~= nil")
  return child
end

--- Run a position as neotest's runner does.
local RUN = [[
  local key, strategy = ...
  done, streamed = nil, {}
  local spec = adapter.build_spec({ tree = tree:get_key(key) or tree, strategy = strategy })
  nio.run(function()
    local process = spec.strategy(spec, {})
    local results = spec.stream(process.output_stream())
    for piece in results do
      for id, result in pairs(piece) do streamed[id] = result.status end
    end
    local code = process.result()
    done = { code = code, output = process.output(), results = adapter.results(spec, {}, tree) }
  end, function(ok, err) if not ok then done = { failed = err } end end)
]]

T["positions are the server's items, in neotest's shape"] = function()
  local child = with_positions()
  local shape = child.lua_get([[(function()
    local lines = {}
    for _, position in tree:iter() do
      lines[#lines + 1] = position.type .. " " .. position.name
    end
    return lines
  end)()]])
  eq(shape[1], "file test_cart.py")
  eq(shape[2], "test test_total")
  eq(shape[#shape - 2], "namespace TestCart")
  eq(shape[#shape], "test test_skipped")
  eq(child.lua_get("adapter.root(vim.fs.dirname(path))"), child.fn.getcwd())
  eq(child.lua_get("adapter.is_test_file(path)"), true)
  eq(child.lua_get("adapter.is_test_file('/x/conftest.py')"), false)
  eq(child.lua_get("adapter.filter_dir('.venv', '', '')"), false)
end

T["a file runs, its results stream in"] = function()
  local child = with_positions()
  child.lua(RUN, { "no such position", "integrated" })
  H.wait(child, "done ~= nil")
  eq(child.lua_get("done.failed"), vim.NIL)
  eq(child.lua_get("done.code"), 1)
  local counts = child.lua_get([[(function()
    local counts = {}
    for id, result in pairs(done.results) do
      counts[result.status] = (counts[result.status] or 0) + 1
      assert(streamed[id] == result.status)
    end
    return counts
  end)()]])
  eq(counts, { passed = 2, failed = 1, skipped = 1 })
  local line = H.line_of(child, "assert total(prices) == expected")
  local error = child.lua_get([[vim.iter(vim.tbl_values(done.results)):find(function(result)
    return result.status == "failed"
  end).errors[1] ]])
  eq(error.line, line - 1)
  local account = table.concat(vim.fn.readfile(child.lua_get("done.output")), "\n")
  eq(account:find("1 failed", 1, true) ~= nil, true)
end

T["one test runs alone"] = function()
  local child = with_positions()
  local id = child.lua_get([[vim.iter(require("fastest.session").tree:filter(function(item)
    return item.label == "test_empty"
  end)):next().id]])
  child.lua(RUN, { id, "integrated" })
  H.wait(child, "done ~= nil")
  eq(child.lua_get("done.code"), 0)
  eq(child.lua_get("vim.tbl_keys(done.results)"), { id })
end

return T
