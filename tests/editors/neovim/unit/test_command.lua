local command = require("fastest.command")
local text = require("fastest.view.text")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

T["subcommands are completed"] = function()
  eq(command.complete("", "Fastest "), {
    "cancel",
    "coverage",
    "debug",
    "explain",
    "failed",
    "file",
    "last",
    "nearest",
    "output",
    "quickfix",
    "run",
    "summary",
    "watch",
  })
  eq(command.complete("su", "Fastest su"), { "summary" })
end

T["node ids and choices are completed"] = function()
  local tree = require("fastest.session").tree
  tree:put({ id = "1", nodeId = "a.py::test_x", sortText = "0", tags = { "mark:slow" } })
  tree:put({ id = "2", nodeId = "b.py::test_y", sortText = "0", tags = {} })
  eq(command.complete("a", "Fastest run a"), { "a.py::test_x" })
  eq(command.complete("", "Fastest run "), { "a.py::test_x", "b.py::test_y" })
  eq(command.complete("", "Fastest watch "), { "edit", "save" })
  eq(command.complete("", "Fastest summary "), { "slow" })
  eq(command.complete("", "Fastest last "), {})
  tree:remove("1")
  tree:remove("2")
end

T["an unknown subcommand is named with those that exist"] = function()
  local told
  local notify = vim.notify
  vim.notify = function(message)
    told = message
  end
  command.execute({ "rnu" })
  vim.notify = notify
  MiniTest.expect.equality(
    told:match("^fastest: `rnu` is no subcommand; there are cancel, ") ~= nil,
    true
  )
end

T["times are worded for people"] = function()
  eq(text.duration(0.42), "0.4 ms")
  eq(text.duration(12.3), "12 ms")
  eq(text.duration(1234), "1.2 s")
  eq(text.duration(123456), "2 min 3 s")
end

return T
