"""Running tests as an editor without an extension does: lenses, commands, progress, diagnostics."""

from __future__ import annotations

from editor import Editor, Shown
from lsprotocol import types
from recording import eventually

FAILING = 'assert (size, "é😀") == (1, name) and database'


async def run_file(editor: Editor) -> Shown:
    """Run the test file; the failures that are shown once the run is over."""
    begun = await editor.run("fastest.runFile", {"uri": editor.uri("test_cart.py")})
    assert begun["total"] == 4
    await ended(editor, begun["runId"])
    return [d for d in await editor.shown("test_cart.py") if "::" in str(d.code)]


async def ended(editor: Editor, run_id: str) -> None:
    """Wait until a run is over, by what the editor is told of it."""
    if editor.can("experimental.fastest"):
        await editor.traffic.until(lambda: any(
            params["runId"] == run_id for params in editor.traffic.of_server("fastest/runEnded")))
    elif editor.can("window.workDoneProgress"):
        await editor.traffic.until(lambda: any(
            params["token"] == run_id and params["value"]["kind"] == "end"
            for params in editor.traffic.of_server("$/progress")))
    else:
        await eventually(lambda: is_summed_up(editor, run_id))


async def is_summed_up(editor: Editor, run_id: str) -> bool:
    """Whether a run's account has its last line."""
    shown = await editor.run("fastest.showOutput", {"runId": run_id})
    return " in " in shown["text"].rstrip().split("\n")[-1]


async def test_a_failure_is_on_its_line_until_it_is_mended_in_memory(editor: Editor) -> None:
    """The way of a user: run, look, type, run again."""
    editor.open("test_cart.py")
    failures = {str(d.code): d for d in await run_file(editor)}
    assert sorted(failures) == ["test_cart.py::test_size[2-b]", "test_cart.py::test_typo"]
    failure = failures["test_cart.py::test_size[2-b]"]
    assert editor.cut("test_cart.py", failure.range).strip() == FAILING
    assert "At index 0 diff: 2 != 1" in failure.message
    assert failure.severity == types.DiagnosticSeverity.Error
    if editor.can("textDocument.publishDiagnostics.relatedInformation"):
        assert failure.related_information
    editor.replace("test_cart.py", FAILING, "assert database")
    failures = {str(d.code): d for d in await run_file(editor)}
    assert sorted(failures) == ["test_cart.py::test_typo"]


async def test_lenses_run_tests_and_say_what_became_of_them(editor: Editor) -> None:
    """A lens's command is one that somebody carries out; results become lenses."""
    editor.open("test_cart.py")
    line = editor.position("test_cart.py", "    def ", "test_empty").line
    lenses = [lens for lens in await editor.lenses("test_cart.py") if lens.range.start.line == line]
    run = next(lens.command for lens in lenses if lens.command and "Run" in lens.command.title)
    assert run.arguments is not None
    own = run.command in (editor.server.execute_command_provider or types.ExecuteCommandOptions(
        [])).commands
    assert own is not editor.can("experimental.fastest")
    begun = await editor.run("fastest.run", run.arguments[0])
    assert begun["total"] == 1
    await ended(editor, begun["runId"])
    titles = await editor.titles("test_cart.py", line)
    assert len(titles) == 3 and titles[2].startswith("✓ "), titles
    if editor.can("workspace.codeLens.refreshSupport"):
        await editor.traffic.until(lambda: editor.traffic.of_server("workspace/codeLens/refresh"))


async def test_a_run_has_a_bar_where_there_are_bars(editor: Editor) -> None:
    """Progress is made, begun and ended; where runs are told of in full, there is none."""
    editor.open("test_cart.py")
    await run_file(editor)
    plain = not editor.can("experimental.fastest") and editor.can("window.workDoneProgress")
    kinds = [params["value"]["kind"] for params in editor.traffic.of_server("$/progress")]
    assert [kind for kind in kinds if kind != "report"] == (["begin", "end"] if plain else [])
    made = editor.traffic.of_server("window/workDoneProgress/create")
    assert len(made) == plain
    told = editor.traffic.of_server("fastest/runEnded")
    assert len(told) == editor.can("experimental.fastest")


async def test_a_run_is_cancelled_by_its_bar(editor: Editor) -> None:
    """`window/workDoneProgress/cancel`, or the command where there is no bar."""
    editor.open("test_cart.py")
    editor.replace("test_cart.py", "def test_typo(databse):\n    assert (databse, \"so\")",
                   "def test_slow():\n    import time; time.sleep(600)")
    begun = await editor.run("fastest.runFile", {"uri": editor.uri("test_cart.py")})
    if editor.can("window.workDoneProgress") and not editor.can("experimental.fastest"):
        await editor.traffic.until(lambda: editor.traffic.of_server("$/progress"))
        editor.client.window_work_done_progress_cancel(
            types.WorkDoneProgressCancelParams(begun["runId"]))
        await ended(editor, begun["runId"])
    else:
        # Where nothing tells of its end, the server's end waits for it.
        await editor.run("fastest.cancel", {"runId": begun["runId"]})


async def test_the_output_is_shown_where_documents_can_be(editor: Editor) -> None:
    """`window/showDocument` only where it is declared; the text is the result everywhere."""
    editor.open("test_cart.py")
    await run_file(editor)
    result = await editor.run("fastest.showOutput")
    assert "2 failed, 2 passed" in result["text"] or "1 failed" in result["text"]
    shows = editor.can("window.showDocument.support") and not editor.can("experimental.fastest")
    if shows:
        await editor.traffic.until(lambda: editor.traffic.of_server("window/showDocument"))
    assert bool(editor.traffic.of_server("window/showDocument")) is shows
