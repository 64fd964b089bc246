-- For `vim.lsp.enable("fastest")` without `setup`; it may be refined by `vim.lsp.config`.
return require("fastest.client").config()
