local ansi = require("fastest.ansi")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local function check(text, lines, highlights)
  local got_lines, got_highlights = ansi.parse(text)
  eq(got_lines, lines)
  eq(got_highlights, highlights)
end

T["plain text is lines"] = function()
  check("a\nb\n", { "a", "b" }, {})
  check("a\r\n\r\nb", { "a", "", "b" }, {})
end

T["colours become highlights, in bytes"] = function()
  check("é\27[31mröd\27[0m!\n", { "éröd!" }, {
    { line = 0, first = 2, last = 6, group = "FastestRed" },
  })
end

T["bold and colour in one sequence is the colour"] = function()
  check(
    "\27[1;32mok\27[0m",
    { "ok" },
    { { line = 0, first = 0, last = 2, group = "FastestGreen" } }
  )
end

T["bright colours are colours"] = function()
  check("\27[91mx\27[39my", { "xy" }, { { line = 0, first = 0, last = 1, group = "FastestRed" } })
end

T["a colour lasts over the end of a line"] = function()
  check("\27[33ma\nb\27[0m", { "a", "b" }, {
    { line = 0, first = 0, last = 1, group = "FastestYellow" },
    { line = 1, first = 0, last = 1, group = "FastestYellow" },
  })
end

T["other sequences vanish"] = function()
  check("\27[2Ka\27[?25lb\27[10;3Hc", { "abc" }, {})
end

return T
