local coverage = require("fastest.view.coverage")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local function range(first, last)
  return { start = { line = first, character = 0 }, ["end"] = { line = last, character = 1 } }
end

T["what did not run is marked, and what left a branch untaken"] = function()
  local told = {
    statements = {
      { range = range(0, 0), count = 1 },
      { range = range(1, 3), count = 0 },
      { range = range(4, 4), count = 1 },
      { range = range(6, 6), count = 1 },
    },
    branches = {
      { line = 2, to = 5, taken = false },
      { line = 5, to = 6, taken = true },
      { line = 5, to = -1, taken = false },
      { line = 7, to = 1, taken = true },
      { line = 7, to = 2, taken = true },
    },
    functions = {},
    itemIds = {},
  }
  eq(coverage.marks(told), {
    { line = 1, last = 3, group = "FastestUncovered" },
    { line = 4, last = 4, group = "FastestPartial" },
  })
end

T["sums are rounded as coverage.py does"] = function()
  local function file(covered, total, branches)
    return { uri = "", statements = { covered = covered, total = total }, branches = branches }
  end
  eq(coverage.sentence({ file(3, 4) }), "75% covered, 3 of 4 statements in 1 file")
  eq(
    coverage.sentence({ file(3, 4), file(0, 0, { covered = 1, total = 2 }) }),
    "67% covered, 3 of 4 statements in 2 files"
  )
  eq(coverage.sentence({ file(5, 8) }):sub(1, 3), "62%")
  eq(coverage.sentence({ file(7, 8) }):sub(1, 3), "88%")
  eq(coverage.sentence({ file(999, 1000) }):sub(1, 3), "99%")
  eq(coverage.sentence({ file(1, 1000) }):sub(1, 2), "1%")
  eq(coverage.sentence({ file(0, 0) }):sub(1, 4), "100%")
end

T["words run; none take away what is shown"] = function()
  local ran
  local function run(words)
    ran = words
  end
  eq(coverage.is_shown(), false)
  coverage.toggle({}, run)
  eq(ran, {})
end

return T
