//! Reads vector files, strictly: what is not understood is refused, with file and id.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::define::{self, Definitions};
use crate::format::{Call, Exchange, Vector};
use crate::operation::Operation;

/// A vector as it is in its file, without the server's address.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its file.
    pub file: PathBuf,
    vector: Vector,
    raw: Value,
}

impl Loaded {
    /// The vector with placeholders for the server's address.
    pub fn vector(&self) -> &Vector {
        &self.vector
    }

    /// The vector for a server at `base`, for example `http://127.0.0.1:40000`.
    /// # Errors
    ///
    /// None that loading has not found already.
    pub fn placed(&self, base: &str) -> Result<Vector, LoadError> {
        let port = base.rsplit(':').next().unwrap_or_default();
        let mut raw = self.raw.clone();
        define::place(&mut raw, base, port);
        serde_json::from_value(raw).map_err(|error| self.error(&error))
    }

    fn error(&self, what: &dyn fmt::Display) -> LoadError {
        LoadError::new(&self.file, &self.vector.id, what)
    }
}

/// Why a file was refused.
#[derive(Debug)]
pub struct LoadError {
    file: PathBuf,
    id: String,
    what: String,
}

impl LoadError {
    fn new(file: &Path, id: &str, what: &dyn fmt::Display) -> Self {
        Self { file: file.to_owned(), id: id.to_owned(), what: what.to_string() }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, id, what } = self;
        let id = if id.is_empty() { String::new() } else { format!(", vector `{id}`") };
        write!(f, "{}{id}: {what}", file.display())
    }
}

impl std::error::Error for LoadError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What the file is about, for its readers.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    define: Map<String, Value>,
    vectors: Vec<Value>,
}

/// Loads every vector of files, and of folders all files that end in `.json`.
/// # Errors
///
/// If a file or a vector can't be used; the error names it.
pub fn load<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Vec<Loaded>, LoadError> {
    let mut ids = BTreeSet::new();
    let mut vectors = Vec::new();
    for path in paths {
        for file in files(path.as_ref())? {
            let text =
                fs::read_to_string(&file).map_err(|error| LoadError::new(&file, "", &error))?;
            vectors.extend(parse(&file, &text, &mut ids)?);
        }
    }
    Ok(vectors)
}

/// Loads the vectors of one file's content.
/// # Errors
///
/// As [`load`].
pub fn load_text(file: &Path, text: &str) -> Result<Vec<Loaded>, LoadError> {
    parse(file, text, &mut BTreeSet::new())
}

fn files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |error: std::io::Error| LoadError::new(path, "", &error);
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?.path();
        if entry.is_dir() {
            files.extend(self::files(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "json") {
            files.push(entry);
        }
    }
    files.sort();
    Ok(files)
}

fn parse(file: &Path, text: &str, ids: &mut BTreeSet<String>) -> Result<Vec<Loaded>, LoadError> {
    let failed = |what: &dyn fmt::Display| LoadError::new(file, "", what);
    let content: File = serde_json::from_str(text).map_err(|error| failed(&error))?;
    let mut definitions = Definitions::built_in().map_err(|error| failed(&error))?;
    definitions.add(content.define).map_err(|error| failed(&error))?;

    let mut vectors = Vec::new();
    for raw in content.vectors {
        let id = raw.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let failed = |what: &dyn fmt::Display| LoadError::new(file, &id, what);
        let raw = definitions.resolve(&raw).map_err(|error| failed(&error))?;
        let vector: Vector = serde_json::from_value(raw.clone()).map_err(|error| failed(&error))?;
        check(&vector).map_err(|what| failed(&what))?;
        if !ids.insert(id.clone()) {
            return Err(failed(&"the id is used twice"));
        }
        vectors.push(Loaded { file: file.to_owned(), vector, raw });
    }
    Ok(vectors)
}

/// What serde does not check.
fn check(vector: &Vector) -> Result<(), String> {
    for (name, text) in
        [("id", &vector.id), ("comment", &vector.comment), ("source", &vector.source)]
    {
        if text.trim().is_empty() {
            return Err(format!("`{name}` is empty"));
        }
    }
    for (runner, reason) in &vector.except {
        if !crate::RUNNERS.contains(&runner.as_str()) {
            return Err(format!("there is no runner `{runner}`"));
        }
        if reason.trim().is_empty() {
            return Err(format!("the exception for `{runner}` has no reason"));
        }
    }
    if vector.calls.is_empty() {
        return Err("there are no calls".into());
    }
    vector.calls.iter().enumerate().try_for_each(|(index, call)| {
        check_call(call, index).map_err(|what| format!("call {}: {what}", index + 1))
    })
}

fn check_call(call: &Call, index: usize) -> Result<(), String> {
    let operation = Operation::parse(&call.operation, &call.arguments)?;
    if matches!(operation, Operation::Configure(_)) && index > 0 {
        return Err("`configure` comes first".into());
    }
    if call.value.is_some() == call.error.is_some() {
        return Err("one of `value` and `error` is needed".into());
    }
    call.exchanges.iter().try_for_each(check_exchange)
}

fn check_exchange(exchange: &Exchange) -> Result<(), String> {
    let Exchange { request, response, fault, .. } = exchange;
    if response.is_some() == fault.is_some() {
        return Err("an exchange needs one of `response` and `fault`".into());
    }
    if request.form.is_some() && request.json.is_some() {
        return Err("a request has one of `form` and `json`".into());
    }
    if request.headers.keys().any(|name| *name != name.to_ascii_lowercase()) {
        return Err("names of request headers are written in lower case".into());
    }
    if response.as_ref().is_some_and(|response| response.json.is_some() && response.body.is_some())
    {
        return Err("a response has one of `json` and `body`".into());
    }
    Ok(())
}
