//! What a test may take for granted because of the files beside its own.

use crate::project::Project;

#[test]
fn modules_of_the_standard_library_are_there_that_another_file_imports() {
    // `colorsys` and `multiprocessing` are imported by nothing else, and the latter never early.
    let user = "import sys\n\n\ndef test_user():\n    \
                assert {'colorsys', 'multiprocessing'} <= set(sys.modules)\n";
    let files = [
        ("test_a_user.py", user),
        ("test_b_importer.py", "import colorsys\nimport multiprocessing\nimport no_such\n"),
        (
            "test_c_importer.py",
            "import colorsys, multiprocessing\n\ndef test_importer():\n    pass\n",
        ),
    ];
    let Some(project) = Project::new(&files) else { return };
    let run = project.run(&["-n", "2", "--ignore=test_b_importer.py"]);
    assert_eq!(run.exit, Some(0), "{}", run.text);
    assert!(run.text.contains("2 passed"), "{}", run.text);
}
