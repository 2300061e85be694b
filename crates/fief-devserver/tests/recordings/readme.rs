//! The list of differences, for people.

use std::fmt::Write;

use crate::differences::DIFFERENCES;

#[test]
fn readme_lists_the_differences() {
    let mut section = "## Differences from the real server\n\n".to_owned();
    for difference in DIFFERENCES {
        writeln!(section, "- {}: {}.", difference.summary, difference.reason).unwrap();
    }
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&section), "put this into the README:\n\n{section}");
}
