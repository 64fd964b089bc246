--- Debugging: a small stand-in for nvim-dap, and the real debugpy.

local H = require("helpers")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

T["the debugger stops at a breakpoint in the test"] = function()
  local child = H.cart()
  H.with_fakes(child)
  local line = H.line_of(child, "assert total([]) == 0")
  child.lua("require('dap').breakpoints[vim.api.nvim_buf_get_name(0)] = { ... }", { line })
  H.go_to(child, "def test_empty")
  child.cmd("Fastest debug")
  H.wait(child, "#require('dap').stops > 0")
  local stop = child.lua_get("require('dap').stops[1]")
  eq(stop.name, "test_empty")
  eq(stop.line, line)
  eq(H.wait_for_end(child).counts, { passed = 1, failed = 0, skipped = 0 })
end

T["without nvim-dap it says so, and no run is left"] = function()
  local child = H.cart()
  H.go_to(child, "def test_empty")
  child.cmd("Fastest debug")
  H.wait(child, "vim.fn.execute('messages'):find('needs the plugin nvim%-dap') ~= nil")
  H.wait_for_end(child)
end

return T
