//! The signed material is what its recipes state, and all of it is used.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

#[path = "../examples/sign/content.rs"]
mod content;
#[path = "../examples/sign/mint.rs"]
mod mint;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

#[test]
fn recipes_make_the_tokens() {
    let tokens: BTreeMap<String, String> = read(&material().join("tokens.json"));
    let recipes: Map<String, Value> = read(&material().join("recipes.json"));
    let made = mint::Mint::new(&material(), tokens.clone()).unwrap().all(&recipes).unwrap();
    assert_eq!(made.len(), tokens.len());
    for (name, token) in made {
        assert!(tokens[&name] == token, "`{name}` is not made by its recipe");
    }
}

#[test]
fn everything_that_is_defined_is_used() {
    let mut texts = String::new();
    let vectors = material().with_file_name("vectors");
    for entry in fs::read_dir(vectors).unwrap() {
        texts.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let mut names = BTreeSet::new();
    for file in ["definitions.json", "keys.json", "recipes.json"] {
        let file = material().join(file);
        names.extend(read::<Map<String, Value>>(&file).keys().cloned());
        texts.push_str(&fs::read_to_string(file).unwrap());
    }
    let unused: Vec<String> = names
        .into_iter()
        .filter(|name| {
            let references = [format!("{{{{{name}}}}}"), format!("\"$from\": \"{name}\"")];
            !references.iter().any(|reference| texts.contains(reference))
        })
        .collect();
    assert!(unused.is_empty(), "nothing refers to {unused:?}");
}

fn material() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("material")
}

fn read<T: serde::de::DeserializeOwned>(file: &Path) -> T {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}
