//! The files of each crate stand on each other in one direction: no two import each other, by way of
//! others neither. What a folder's `mod.rs` passes on counts for the file that defines it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, which is to stop at what is not as expected"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut total = 0;
    for folder in fs::read_dir(crates).unwrap() {
        let source = folder.unwrap().path().join("src");
        if !source.is_dir() {
            continue;
        }
        let mut files = BTreeMap::new();
        collect(&source, &source, &mut files);
        total += hold(&source, &files);
    }
    assert!(total > 300, "only {total} imports were found");
}

/// Follows the imports of each file, and returns how many there are.
fn hold(source: &Path, files: &BTreeMap<String, String>) -> usize {
    let imports: BTreeMap<&str, BTreeSet<&str>> = files
        .iter()
        .filter(|(module, _)| !module.is_empty())
        .map(|(module, code)| (module.as_str(), imported(module, code, files)))
        .collect();
    for module in imports.keys() {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = imports[module].iter().copied().collect();
        while let Some(next) = open.pop() {
            let by = source.display();
            assert_ne!(next, *module, "{by}: imports itself by way of {reached:?}");
            if reached.insert(next) {
                open.extend(&imports[next]);
            }
        }
    }
    imports.values().map(BTreeSet::len).sum()
}

/// Each source file by the path of its module, without its tests.
fn collect(source: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(source, &path, files);
            continue;
        }
        let module = path.strip_prefix(source).unwrap().with_extension("");
        let module = module.to_str().unwrap().replace(['/', '\\'], "::");
        let module = module.strip_suffix("::mod").unwrap_or(&module).to_owned();
        let code = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
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
