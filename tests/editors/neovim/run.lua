-- usage: nvim --headless --clean -u init.lua -l run.lua MINI_TEST [FILTER]
--
-- Runs all test files with mini.test, prints each failure, and closes with
-- `neovim VERSION: N passed, N failed`.  `TIMES=10` runs each test ten times.
local here = vim.g.fastest_tests
vim.opt.runtimepath:prepend(arg[1])
package.path = here .. "/?.lua;" .. package.path

local MiniTest = require("mini.test")
MiniTest.setup()

---@return string[]
local function files()
  local found = vim.fn.globpath(here, "*/test_*.lua", false, true)
  table.sort(found)
  return found
end

---@param case table
---@return string
local function name_of(case)
  local where = vim.fs.basename(case.desc[1]):gsub("%.lua$", "")
  return where .. ": " .. table.concat(vim.list_slice(case.desc, 2), " | ")
end

local TIMES = tonumber(vim.env.TIMES or 1)

local cases = {}
for _ = 1, TIMES do
  vim.list_extend(
    cases,
    MiniTest.collect({
      find_files = files,
      filter_cases = function(case)
        return not arg[2] or name_of(case):find(arg[2], 1, true) ~= nil
      end,
    })
  )
end

local passed, failed = 0, 0

---@param case table
local function told(case)
  local ok = #case.exec.fails == 0
  passed, failed = passed + (ok and 1 or 0), failed + (ok and 0 or 1)
  local lines = { ("%s %s"):format(ok and "ok  " or "FAIL", name_of(case)) }
  vim.list_extend(lines, case.exec.fails)
  io.stdout:write(table.concat(lines, "\n"), "\n")
  io.stdout:flush()
end

MiniTest.execute(cases, {
  reporter = {
    update = function(number)
      local state = cases[number].exec and cases[number].exec.state or ""
      if vim.startswith(state, "Pass") or vim.startswith(state, "Fail") then
        told(cases[number])
      end
    end,
  },
})
vim.wait(600000 * TIMES, function()
  return not MiniTest.is_executing()
end, 50)

local version = vim.version()
io.stdout:write(
  ("neovim %d.%d: %d passed, %d failed\n"):format(version.major, version.minor, passed, failed)
)
os.exit(failed == 0 and passed > 0 and 0 or 1)
