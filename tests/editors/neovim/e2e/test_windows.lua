--- The summary, the output, the quickfix list, the explanation, and the health check.

local H = require("helpers")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local SUMMARY = [[table.concat(vim.api.nvim_buf_get_lines(
  vim.fn.bufnr("fastest://summary"), 0, -1, false), "\n")]]

local function has(text)
  return ("(%s):find(%q, 1, true) ~= nil"):format(SUMMARY, text)
end

T["the summary shows the tree, opens levels, runs and shows states"] = function()
  local child = H.cart()
  child.cmd("Fastest summary")
  -- The file that one comes from is open, and the cursor on it.
  H.wait(child, has("test_total"))
  H.wait(child, has("TestCart"))
  H.wait(child, "vim.api.nvim_get_current_line():find('test_cart.py', 1, true) ~= nil")
  child.type_keys("r")
  eq(H.wait_for_end(child).counts, { passed = 2, failed = 1, skipped = 1 })
  H.wait(child, has("✗ test_total"))
  H.go_to(child, "TestCart")
  child.type_keys("o")
  H.wait(child, has("✓ test_empty"))
  H.go_to(child, "test_empty")
  child.type_keys("i")
  eq(child.fn.expand("%:t"), "test_cart.py")
  eq(child.api.nvim_get_current_line():find("def test_empty", 1, true) ~= nil, true)
end

T["the summary is filtered by mark and by failure"] = function()
  local child = H.cart()
  child.cmd("Fastest summary slow")
  H.wait(child, has("mark: slow"))
  H.wait(child, has("test_total"))
  eq(child.lua_get(has("TestCart")), false)
  child.lua("require('fastest.view.summary').filter_mark()")
  H.wait(child, has("TestCart"))
  child.type_keys("R")
  H.wait_for_end(child)
  child.type_keys("f")
  H.wait(child, has("failed only"))
  eq(child.lua_get(has("TestCart")), false)
end

T["the output of a run has its colours, and leads to the failing line"] = function()
  local child = H.cart()
  child.cmd("Fastest file")
  H.wait_for_end(child)
  child.cmd("Fastest output")
  local output = [[table.concat(vim.api.nvim_buf_get_lines(
    vim.fn.bufnr("fastest://output"), 0, -1, false), "\n")]]
  H.wait(child, ("(%s):find('1 failed', 1, true) ~= nil"):format(output))
  eq(child.lua_get(("(%s):find('\27', 1, true)"):format(output)), vim.NIL)
  eq(
    child.lua_get([[#vim.api.nvim_buf_get_extmarks(vim.fn.bufnr("fastest://output"),
    vim.api.nvim_get_namespaces()["fastest.output"], 0, -1, {}) > 0]]),
    true
  )
  eq(child.fn.bufname(), "fastest://output")
  child.fn.search("test_cart.py:\\d\\+: AssertionError")
  child.type_keys("<CR>")
  eq(child.api.nvim_get_current_line(), "    assert total(prices) == expected")
end

T["failures fill the quickfix list"] = function()
  local child = H.cart({ quickfix = { open = "failure" } })
  child.cmd("Fastest file")
  H.wait_for_end(child)
  H.wait(child, "#vim.fn.getqflist() == 1")
  local entry = child.fn.getqflist()[1]
  eq(entry.lnum, H.line_of(child, "assert total(prices) == expected"))
  eq(entry.text:find("assert 3 == 4", 1, true) ~= nil, true)
end

T["the explanation is a command line that works in a shell"] = function()
  local child = H.cart()
  H.go_to(child, "def test_empty")
  child.cmd("Fastest explain")
  H.wait(child, "vim.fn.bufnr('fastest://explain') > 0")
  local lines =
    child.lua_get([[vim.api.nvim_buf_get_lines(vim.fn.bufnr("fastest://explain"), 0, -1, false)]])
  local done = vim.system({ "sh", "-c", table.concat(lines, "\n") }, { text = true }):wait()
  eq(done.code, 0)
  eq(done.stdout:find("1 passed", 1, true) ~= nil, true)
end

T["the status line counts"] = function()
  local child = H.cart()
  eq(child.lua_get("require('fastest').statusline()"), "")
  child.cmd("Fastest file")
  H.wait_for_end(child)
  eq(child.lua_get("require('fastest').statusline()"), "✓ 2 ✗ 1 ↷ 1")
end

T["the health check finds the server and the project"] = function()
  local child = H.cart()
  H.wait(
    child,
    [[(function()
    local _, status = next(require('fastest.session').status)
    return status ~= nil and status.quiescent and status.roots[1].testCount == 4
  end)()]]
  )
  child.cmd("checkhealth fastest")
  local report = table.concat(child.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  eq(report:find("ERROR", 1, true), nil)
  eq(report:find("4 tests", 1, true) ~= nil, true)
end

T["the health check says what is missing"] = function()
  local child = H.neovim(H.project({}), { cmd = { "no-such-program" } })
  child.cmd("checkhealth fastest")
  local report = table.concat(child.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  eq(report:find("`no-such-program` is not to be found", 1, true) ~= nil, true)
end

T["help pages have their tags"] = function()
  local child = H.neovim(H.project({}))
  child.cmd("helptags " .. vim.fs.joinpath(vim.g.fastest_tests, "../../../editors/neovim/doc"))
  child.cmd("help fastest-config")
  eq(child.fn.expand("%:t"), "fastest.txt")
end

return T
