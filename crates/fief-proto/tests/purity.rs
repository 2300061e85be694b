//! Checks of the core's structure: nothing that does input or output is in its dependency tree, and
//! its files depend on each other in one direction. The standard library's input and output is
//! banned in its `.clippy.toml`.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test of the core, not the core"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

/// What a sans-IO core has no use for: runtimes, clients, sources of randomness, clocks, locks.
const BANNED: [&str; 22] = [
    "arc-swap",
    "async-std",
    "chrono",
    "crossbeam-utils",
    "dashmap",
    "futures-util",
    "getrandom",
    "hyper",
    "hyper-util",
    "mio",
    "parking_lot",
    "rand",
    "rand_core",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "time",
    "tokio",
    "tracing",
    "ureq",
];

#[test]
fn nothing_in_the_tree_does_io() {
    let found = tree();
    for name in BANNED {
        assert!(!found.contains(name), "{name} is among the dependencies of the core: {found:?}");
    }
    assert!(found.contains("aws-lc-rs") && found.contains("serde_json"), "{found:?}");
}

/// The names of all normal dependencies, direct and not.
fn tree() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "fief-proto", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {errors}");
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// The parts of the core depend on each other in one direction: no two files import each other, not
/// even through others. What a folder's `mod.rs` re-exports counts for the file that defines it.
#[test]
fn no_file_imports_itself_by_way_of_others() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    collect(&source, &mut files);
    let imports: BTreeMap<&str, BTreeSet<&str>> = files
        .iter()
        .filter(|(module, _)| !module.is_empty() && !module.starts_with("foreign"))
        .map(|(module, code)| (module.as_str(), imported(module, code, &files)))
        .collect();
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 100, "{imports:?}");
    for module in imports.keys() {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = imports[module].iter().copied().collect();
        while let Some(next) = open.pop() {
            assert_ne!(next, *module, "imports itself by way of {reached:?}");
            if reached.insert(next) {
                open.extend(&imports[next]);
            }
        }
    }
}

/// Each source file by the path of its module, without its tests.
fn collect(folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
            continue;
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let module = path.strip_prefix(&source).unwrap().with_extension("");
        let module = module.to_str().unwrap().replace('/', "::");
        let module = module.strip_suffix("::mod").unwrap_or(&module).to_owned();
        let code = fs::read_to_string(&path).unwrap();
        let code = code.split("#[cfg(test)]").next().unwrap().to_owned();
        files.insert(if module == "lib" { String::new() } else { module }, code);
    }
}

/// The modules that this one's `use crate::…` and `use super::…` name. Re-exports (`pub use`) and a
/// folder's own parts (`use self::…`) are no imports of the folder.
fn imported<'a>(
    module: &str,
    code: &str,
    files: &'a BTreeMap<String, String>,
) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for statement in code.split("\nuse ").skip(1) {
        let tree = statement.split(';').next().unwrap();
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let prefix = match tree.split("::").next().unwrap() {
            "crate" => "",
            "super" => parent,
            _ => continue,
        };
        let (_, tree) = tree.split_once("::").unwrap();
        for path in paths(tree) {
            let path = [prefix, &path].join("::");
            let mut path = path.trim_start_matches("::");
            // The longest beginning that is a module.
            while !path.is_empty() && !files.contains_key(path) {
                path = path.rsplit_once("::").map_or("", |(before, _)| before);
            }
            if let Some((name, _)) = files.get_key_value(path).filter(|(name, _)| !name.is_empty())
            {
                found.insert(name.as_str());
            }
        }
    }
    found.remove(module);
    found
}

/// The paths of a use tree: `a::{b, c::d}` are `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, list)) = tree.split_once('{') else { return vec![tree.replace(' ', "")] };
    let list = list.trim_end().strip_suffix('}').unwrap();
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in list.chars() {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        match character {
            ',' if depth == 0 => parts.push(String::new()),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.iter().flat_map(|part| paths(part)).map(|path| format!("{head}{path}")).collect()
}
