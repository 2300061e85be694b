//! What the real server accepts from users, and the codes of what it refuses.

pub(crate) mod credentials;
pub(crate) mod field;
pub(crate) mod redirect_uri;

use serde_json::{Value, json};

/// What is wrong with a part of an input: `type` and `loc` are the real server's.
#[derive(Clone, Debug)]
pub(crate) struct Invalid {
    kind: &'static str,
    location: Vec<Value>,
    message: &'static str,
    input: Value,
}

impl Invalid {
    pub(crate) fn new(kind: &'static str, message: &'static str, input: &Value) -> Self {
        Self { kind, location: Vec::new(), message, input: input.clone() }
    }

    pub(crate) fn missing(within: &Value) -> Self {
        Self::new("missing", "Field required", within)
    }

    pub(crate) fn not_a_string(input: &Value) -> Self {
        Self::new("string_type", "Input should be a string", input)
    }

    pub(crate) fn not_an_object(input: &Value) -> Self {
        Self::new("model_attributes_type", "Input should be an object", input)
    }

    /// Adds a part of the path to the wrong value: a name or a number, the outermost last.
    pub(crate) fn within(mut self, part: impl Into<Value>) -> Self {
        self.location.insert(0, part.into());
        self
    }

    pub(crate) fn is_about(&self, part: &str) -> bool {
        self.location.first().is_some_and(|first| first == part)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "type": self.kind,
            "loc": self.location,
            "msg": self.message,
            "input": self.input,
        })
    }
}
