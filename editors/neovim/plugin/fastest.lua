if vim.g.loaded_fastest then
  return
end
vim.g.loaded_fastest = true

vim.api.nvim_create_user_command("Fastest", function(call)
  require("fastest.command").execute(call.fargs)
end, {
  nargs = "*",
  desc = "Run, debug and show tests",
  complete = function(lead, line)
    return require("fastest.command").complete(lead, line)
  end,
})
