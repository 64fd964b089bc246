-- The start of every Neovim in these tests: nothing but the plugin under test.
local here = vim.fs.dirname(vim.uv.fs_realpath(debug.getinfo(1, "S").source:sub(2)))
local repository = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(here)))
vim.opt.runtimepath:prepend(vim.fs.joinpath(repository, "editors", "neovim"))
vim.opt.swapfile = false
vim.opt.shortmess:append("I")
vim.g.fastest_tests = here
