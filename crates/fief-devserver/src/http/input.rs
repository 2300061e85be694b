//! JSON from strangers, and what is wrong with it in the words of the real server.

use axum::body::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Refusal;
use crate::{
    settings::ClientType,
    world::{RedirectUriError, redirect_uri},
};

/// The members of a JSON object, taken one by one. What is wrong is gathered, so that the refusal
/// names all of it.
pub(crate) struct Input {
    members: Map<String, Value>,
    wrong: Vec<Value>,
}

impl Input {
    pub(crate) fn parse(body: &Bytes) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { members, wrong: Vec::new() }),
            Ok(other) => Err(Refusal::Unprocessable(vec![json!({
                "type": "model_attributes_type",
                "loc": ["body"],
                "msg": "Input should be a valid dictionary or object to extract fields from",
                "input": other,
            })])),
            Err(error) => Err(Refusal::Unprocessable(vec![json!({
                "type": "json_invalid",
                "loc": ["body", error.column().saturating_sub(1)],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": "Expecting value"},
            })])),
        }
    }

    /// A member that has to be there. Where it is not, or is wrong, [`done`](Self::done) says so.
    pub(crate) fn required<T: FromInput + Default>(&mut self, name: &str) -> T {
        let Some(value) = self.members.get(name) else {
            let input = Value::Object(self.members.clone());
            self.wrong(name, &Wrong::new("missing", "Field required"), &input);
            return T::default();
        };
        let value = value.clone();
        self.read(name, &value).unwrap_or_default()
    }

    /// A member that may be left out or null.
    pub(crate) fn optional<T: FromInput>(&mut self, name: &str) -> Option<T> {
        let value = self.members.get(name).filter(|value| !value.is_null())?.clone();
        self.read(name, &value)
    }

    /// Whether all that was taken is right.
    pub(crate) fn done(self) -> Result<(), Refusal> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Refusal::Unprocessable(self.wrong)) }
    }

    fn read<T: FromInput>(&mut self, name: &str, value: &Value) -> Option<T> {
        match T::from_input(value) {
            Ok(read) => Some(read),
            Err(wrong) => {
                self.wrong(name, &wrong, value);
                None
            }
        }
    }

    fn wrong(&mut self, name: &str, wrong: &Wrong, input: &Value) {
        let Wrong { kind, message } = wrong;
        let loc = ["body", name];
        self.wrong.push(json!({"type": kind, "loc": loc, "msg": message, "input": input}));
    }
}

/// What is wrong with a value: the kind of error, and a sentence.
pub(crate) struct Wrong {
    kind: &'static str,
    message: &'static str,
}

impl Wrong {
    const fn new(kind: &'static str, message: &'static str) -> Self {
        Self { kind, message }
    }
}

/// What a member can be read as.
pub(crate) trait FromInput: Sized {
    fn from_input(value: &Value) -> Result<Self, Wrong>;
}

impl FromInput for String {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().map(str::to_owned);
        text.ok_or(Wrong::new("string_type", "Input should be a valid string"))
    }
}

impl FromInput for bool {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        value.as_bool().ok_or(Wrong::new("bool_type", "Input should be a valid boolean"))
    }
}

impl FromInput for u32 {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        const KIND: &str = "int_type";
        let number = value.as_i64().ok_or(Wrong::new(KIND, "Input should be a valid integer"))?;
        let message = "Input should be greater than or equal to 0";
        Self::try_from(number).map_err(|_| Wrong::new("greater_than_equal", message))
    }
}

impl FromInput for Uuid {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        let uuid = value.as_str().and_then(|text| text.parse().ok());
        uuid.ok_or(Wrong::new("uuid_parsing", "Input should be a valid UUID"))
    }
}

impl FromInput for Map<String, Value> {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        const KIND: &str = "model_attributes_type";
        let message = "Input should be a valid dictionary or object to extract fields from";
        value.as_object().cloned().ok_or(Wrong::new(KIND, message))
    }
}

impl FromInput for ClientType {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        let message = "Input should be 'public' or 'confidential'";
        serde_json::from_value(value.clone()).map_err(|_| Wrong::new("enum", message))
    }
}

impl FromInput for Vec<String> {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        let list = value.as_array().ok_or(Wrong::new("list_type", "Input should be a valid list"));
        list?.iter().map(String::from_input).collect()
    }
}

/// Redirect URIs, in the form that is compared.
#[derive(Default)]
pub(crate) struct RedirectUris(pub(crate) Vec<String>);

impl FromInput for RedirectUris {
    fn from_input(value: &Value) -> Result<Self, Wrong> {
        const HTTPS: &str = "CLIENT_HTTPS_REQUIRED_ON_REDIRECT_URIS";
        let texts = Vec::<String>::from_input(value)?;
        if texts.is_empty() {
            let message = "List should have at least 1 item after validation, not 0";
            return Err(Wrong::new("too_short", message));
        }
        let uris = texts.iter().map(|text| redirect_uri(text)).collect::<Result<_, _>>();
        uris.map(Self).map_err(|error| match error {
            RedirectUriError::NotAUrl => Wrong::new("url_parsing", "Input should be a valid URL"),
            RedirectUriError::HttpsRequired => Wrong::new(HTTPS, HTTPS),
        })
    }
}
