//! Definitions that many vectors share, and the four forms in which a vector file refers to them.

use std::fmt;

use serde_json::{Map, Value};

/// Placeholders that are left until a runner knows its server's address.
const LATE: [&str; 2] = ["base", "port"];
/// The greatest depth of references: a definition that needs more refers to itself.
const DEPTH: usize = 32;

/// Values by name.
#[derive(Clone, Debug, Default)]
pub struct Definitions(Map<String, Value>);

impl Definitions {
    /// The definitions of this crate: configurations, documents, public keys, signed tokens.
    /// # Errors
    ///
    /// If the crate's own files are damaged.
    pub fn built_in() -> Result<Self, DefineError> {
        let mut definitions = Self::without_tokens()?;
        definitions.read("material/tokens.json", include_str!("../material/tokens.json"))?;
        Ok(definitions)
    }

    /// The same without the tokens, for making them.
    /// # Errors
    ///
    /// As [`Definitions::built_in`].
    pub fn without_tokens() -> Result<Self, DefineError> {
        let mut definitions = Self::default();
        definitions
            .read("material/definitions.json", include_str!("../material/definitions.json"))?;
        definitions.read("material/keys.json", include_str!("../material/keys.json"))?;
        Ok(definitions)
    }

    fn read(&mut self, file: &str, text: &str) -> Result<(), DefineError> {
        let map =
            serde_json::from_str(text).map_err(|error| DefineError(format!("{file}: {error}")))?;
        self.add(map)
    }

    /// Adds definitions, whose names must be new.
    ///
    /// # Errors
    ///
    /// If a name is already defined; the error names it.
    pub fn add(&mut self, more: Map<String, Value>) -> Result<(), DefineError> {
        for (name, value) in more {
            if LATE.contains(&name.as_str()) || self.0.contains_key(&name) {
                return Err(DefineError(format!("`{name}` is defined twice")));
            }
            self.0.insert(name, value);
        }
        Ok(())
    }

    /// The value with every reference replaced, except for `{{base}}` and `{{port}}`.
    ///
    /// # Errors
    ///
    /// If a reference can't be resolved; the error names it.
    pub fn resolve(&self, value: &Value) -> Result<Value, DefineError> {
        self.value(value, DEPTH)
    }

    fn value(&self, value: &Value, depth: usize) -> Result<Value, DefineError> {
        match value {
            Value::String(text) => self.text(text, depth),
            Value::Array(items) => items.iter().map(|item| self.value(item, depth)).collect(),
            Value::Object(map) => self.object(map, depth),
            other => Ok(other.clone()),
        }
    }

    fn object(&self, map: &Map<String, Value>, depth: usize) -> Result<Value, DefineError> {
        if let Some(unit) = map.get("$repeat") {
            return repeat(unit, map);
        }
        if let Some(parts) = map.get("$concat") {
            return self.concat(parts, map, depth);
        }
        let mut result = Map::new();
        if let Some(name) = map.get("$from") {
            let name = string(name, "$from")?;
            let Value::Object(found) = self.named(name, depth)? else {
                return Err(DefineError(format!("`$from`: `{name}` is not an object")));
            };
            result = found;
        }
        if let Some(names) = map.get("$without") {
            for name in names.as_array().into_iter().flatten() {
                let name = string(name, "$without")?;
                result
                    .remove(name)
                    .ok_or_else(|| DefineError(format!("`$without`: there is no `{name}`")))?;
            }
        }
        for (name, value) in map.iter().filter(|(name, _)| !name.starts_with('$')) {
            result.insert(name.clone(), self.value(value, depth)?);
        }
        let known = ["$from", "$without"];
        match map.keys().find(|name| name.starts_with('$') && !known.contains(&name.as_str())) {
            Some(name) => Err(DefineError(format!("`{name}` is unknown"))),
            None => Ok(Value::Object(result)),
        }
    }

    fn concat(
        &self,
        parts: &Value,
        map: &Map<String, Value>,
        depth: usize,
    ) -> Result<Value, DefineError> {
        let parts = parts.as_array().filter(|_| map.len() == 1);
        let parts = parts
            .ok_or_else(|| DefineError("`$concat` must be a list, and the only member".into()))?;
        let mut text = String::new();
        for part in parts {
            text.push_str(string(&self.value(part, depth)?, "$concat")?);
        }
        Ok(Value::String(text))
    }

    /// A string that is one placeholder becomes the value; within a longer string, values must be
    /// strings.
    fn text(&self, text: &str, depth: usize) -> Result<Value, DefineError> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            result.push_str(before);
            match placeholder(after) {
                Some((name, "")) if result.is_empty() => return self.named(name, depth),
                Some((name, after)) => {
                    result.push_str(string(&self.named(name, depth)?, name)?);
                    rest = after;
                }
                None => {
                    result.push_str("{{");
                    rest = after;
                }
            }
        }
        result.push_str(rest);
        Ok(Value::String(result))
    }

    fn named(&self, name: &str, depth: usize) -> Result<Value, DefineError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| DefineError(format!("`{name}` is defined by itself")))?;
        let value = self.0.get(name);
        let value = value.ok_or_else(|| DefineError(format!("`{{{{{name}}}}}` is not defined")))?;
        self.value(value, depth)
    }
}

/// Why a reference could not be resolved.
#[derive(Debug)]
pub struct DefineError(String);

impl fmt::Display for DefineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DefineError {}

/// Replaces `{{base}}` and `{{port}}` throughout.
pub(crate) fn place(value: &mut Value, base: &str, port: &str) {
    match value {
        Value::String(text) if text.contains("{{") => {
            *text = text.replace("{{base}}", base).replace("{{port}}", port);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, base, port)),
        Value::Object(map) => map.values_mut().for_each(|item| place(item, base, port)),
        _ => {}
    }
}

/// A name and what follows its closing braces. Other strings in braces are left as they are (the
/// server sends templates), and so are [`LATE`] names.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.split_once("}}")?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_early = !name.is_empty() && name.chars().all(is_name) && !LATE.contains(&name);
    is_early.then_some((name, after))
}

fn string<'a>(value: &'a Value, role: &str) -> Result<&'a str, DefineError> {
    value.as_str().ok_or_else(|| DefineError(format!("`{role}` is not a string")))
}

fn repeat(unit: &Value, map: &Map<String, Value>) -> Result<Value, DefineError> {
    let times = map.get("times").and_then(Value::as_u64).filter(|_| map.len() == 2);
    let times = times.and_then(|times| usize::try_from(times).ok());
    let times = times.ok_or_else(|| DefineError("`$repeat` takes `times`, no more".into()))?;
    Ok(Value::String(string(unit, "$repeat")?.repeat(times)))
}
