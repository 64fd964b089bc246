;;; eglot.el --- fastest-lsp under Emacs' own client, in batch  -*- lexical-binding: t -*-

;; usage: emacs -batch -l eglot.el SERVER
;;
;; Opens a file with a failing test, runs the file by the server's command, sees the failure as a
;; diagnostic on its line, fixes it without saving, runs again, and sees the diagnostic go.
;; Closes with `eglot: N passed, N failed'.

;;; Code:

(require 'eglot)
(require 'flymake)

(defconst patience 60 "How many seconds anything may take.")
(defvar passed 0)
(defvar failed 0)

(defun check (what value)
  "Count WHAT as passed if VALUE is non-nil, and tell it."
  (if value (setq passed (1+ passed)) (setq failed (1+ failed)))
  (message "%s %s" (if value "ok  " "FAIL") what))

(defmacro wait-until (&rest condition)
  "Wait until CONDITION holds; its value, or nil if it never does."
  `(let ((end (+ (float-time) patience)) value)
     (while (and (not (setq value (progn ,@condition))) (< (float-time) end))
       (accept-process-output nil 0.05))
     value))

(defun failures ()
  "The texts of the server's diagnostics in this buffer, with their lines."
  (flymake-start)
  (mapcar (lambda (diagnostic)
            (cons (line-number-at-pos (flymake-diagnostic-beg diagnostic))
                  (flymake-diagnostic-text diagnostic)))
          (flymake-diagnostics)))

(defun project ()
  "Make a project with a failing test; its test file."
  (let* ((folder (file-truename (make-temp-file "fastest-eglot" t)))
         (file (expand-file-name "test_sum.py" folder)))
    (write-region "[pytest]\n" nil (expand-file-name "pytest.ini" folder) nil 'quiet)
    (write-region "def test_sum():\n    assert 1 + 1 == 3\n" nil file nil 'quiet)
    file))

(defun run-file (server)
  "Run the tests of this file by SERVER's command."
  (eglot-execute-command server 'fastest.runFile
                         (vector (list :uri (eglot--path-to-uri buffer-file-name)))))

(let* ((server-program (car command-line-args-left))
       (eglot-server-programs (list (list 'python-mode server-program)))
       (eglot-sync-connect patience)
       (eglot-autoshutdown t)
       (flymake-no-changes-timeout 0.1))
  (setq command-line-args-left nil)
  (find-file (project))
  (python-mode)
  (cl-letf (((symbol-function 'project-current)
             (lambda (&rest _) (cons 'transient default-directory))))
    (apply #'eglot--connect (eglot--guess-contact)))
  (let ((server (eglot-current-server)))
    (check "the server is connected" server)
    (run-file server)
    (let ((found (wait-until (failures))))
      (check "the failure is a diagnostic on its line" (assq 2 found))
      (check "it says what failed" (string-match-p "1 \\+ 1\\|2 == 3" (or (cdar found) ""))))
    (goto-char (point-min))
    (search-forward "== 3")
    (replace-match "== 2")
    (eglot--signal-textDocument/didChange)
    (run-file server)
    (check "a fixed test has no diagnostic, though nothing was saved"
           (wait-until (not (failures))))
    (check "the buffer is not saved" (buffer-modified-p))
    (set-buffer-modified-p nil)
    (let ((process (jsonrpc--process server)))
      (eglot-shutdown server)
      (check "the server ends" (wait-until (not (process-live-p process)))))))

(message "eglot: %d passed, %d failed" passed failed)
(kill-emacs (if (zerop failed) 0 1))

;;; eglot.el ends here
