//! Writes `material/tokens.json` from `material/recipes.json`.
//!
//! ```text
//! cargo run -p fief-vectors --example sign
//! ```
//!
//! Signatures are deterministic. Encrypted tokens keep their encrypted key as long as it still
//! opens, so that a second run changes nothing.

mod content;
mod mint;

use std::error::Error;
use std::path::Path;
use std::{fs, process};

use serde_json::{Map, Value};

use mint::Mint;

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let material = Path::new(env!("CARGO_MANIFEST_DIR")).join("material");
    let recipes: Map<String, Value> =
        serde_json::from_str(&fs::read_to_string(material.join("recipes.json"))?)?;
    let file = material.join("tokens.json");
    let previous = fs::read_to_string(&file).unwrap_or_else(|_| "{}".into());
    let tokens = Mint::new(&material, serde_json::from_str(&previous)?)?.all(&recipes)?;
    let text = serde_json::to_string_pretty(&tokens)?;
    fs::write(&file, format!("{text}\n"))?;
    println!("{} tokens", tokens.len());
    Ok(())
}
