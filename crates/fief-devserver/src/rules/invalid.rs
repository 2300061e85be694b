//! What is wrong with an input, as pydantic tells it.

use serde_json::{Map, Value, json};

/// What is wrong with a part of an input.
#[derive(Clone, Debug)]
pub(crate) struct Invalid {
    kind: &'static str,
    location: Vec<Value>,
    message: String,
    input: Value,
    context: Option<Box<Value>>,
}

impl Invalid {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>, input: &Value) -> Self {
        let message = message.into();
        Self { kind, location: Vec::new(), message, input: input.clone(), context: None }
    }

    pub(crate) fn missing(within: &Value) -> Self {
        Self::new("missing", "Field required", within)
    }

    pub(crate) fn not_a_string(input: &Value) -> Self {
        Self::new("string_type", "Input should be a valid string", input)
    }

    pub(crate) fn not_an_object(input: &Value) -> Self {
        let message = "Input should be a valid dictionary or object to extract fields from";
        Self::new("model_attributes_type", message, input)
    }

    pub(crate) fn context(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.context = Some(Box::new(json!({ name: value.into() })));
        self
    }

    pub(crate) fn whole_context(mut self, context: Value) -> Self {
        self.context = Some(Box::new(context));
        self
    }

    /// Says where the part is: by name or by number, the outermost last.
    pub(crate) fn within(mut self, place: impl Into<Value>) -> Self {
        self.location.insert(0, place.into());
        self
    }

    pub(crate) fn is_about(&self, part: &str) -> bool {
        self.location.first().is_some_and(|place| place == part)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("type".to_owned(), json!(self.kind));
        members.insert("loc".to_owned(), json!(self.location));
        members.insert("msg".to_owned(), json!(self.message));
        members.insert("input".to_owned(), self.input.clone());
        members.extend(self.context.as_deref().map(|context| ("ctx".to_owned(), context.clone())));
        Value::Object(members)
    }

    /// With the page that explains it, which the real server adds where it checks by itself what
    /// its framework checks elsewhere.
    pub(crate) fn to_json_with_url(&self) -> Value {
        let mut value = self.to_json();
        let is_own =
            self.kind.contains('.') || ["json_invalid", "value_error"].contains(&self.kind);
        if let Some(members) = value.as_object_mut().filter(|_| !is_own) {
            let url = format!("https://errors.pydantic.dev/2.9/v/{}", self.kind);
            members.insert("url".to_owned(), json!(url));
        }
        value
    }
}
