//! What a test may take for granted because of the files beside its own.

use crate::project::Project;

#[test]
fn modules_of_the_standard_library_are_there_that_another_file_imports() {
    // `this` is never imported early, for it prints something; `no_such` is nobody's business.
    // So slow to import that no worker collects both.
    let user = "import sys, time\ntime.sleep(0.5)\n\n\ndef test_user():\n    assert 'this' in sys.modules\n";
    let importer = "import this, time\ntime.sleep(0.5)\n\n\ndef test_importer():\n    pass\n";
    let files = [
        ("test_a_user.py", user),
        ("test_b_importer.py", importer),
        ("test_c_broken.py", "import no_such\n"),
    ];
    let Some(project) = Project::new(&files) else { return };
    let run = project.run(&["-n", "2", "--ignore=test_c_broken.py"]);
    assert_eq!(run.exit, Some(0), "{}", run.text);
    assert!(run.text.contains("2 passed"), "{}", run.text);
}

#[test]
fn tests_that_change_a_global_stay_with_those_that_use_it() {
    let mut tests = String::from(
        "import time\n\nSEEN = []\n\n\ndef test_first():\n    time.sleep(0.7)\n    SEEN.append(1)\n",
    );
    for number in 0..6 {
        tests.push_str(&format!(
            "\n\ndef test_later_{number}():\n    time.sleep(0.7)\n    assert SEEN\n"
        ));
    }
    let Some(project) = Project::new(&[("test_long.py", &tests)]) else { return };
    // The second run knows that sharing the file would pay.
    for _ in 0..2 {
        let run = project.run(&["-n", "2"]);
        assert_eq!(run.exit, Some(0), "{}", run.text);
    }
}
