//! JSON from strangers, and what is wrong with it in the words of the real server.

use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    http::{JsonBody, Refusal},
    rules::{self, Invalid},
    settings::{ClientType, UserField},
    world::{RedirectUriError, redirect_uri},
};

/// The members of a JSON object, taken one by one. What is wrong is gathered, so that the refusal
/// names all of it.
pub(super) struct Input {
    members: Map<String, Value>,
    wrong: Vec<Invalid>,
    show: fn(&Invalid) -> Value,
}

impl Input {
    /// As the real server reads most bodies.
    pub(super) fn parse(body: &JsonBody) -> Result<Self, Refusal> {
        Self::of(body.as_declared()?, Invalid::to_json)
    }

    /// As the real server reads those of users, which depend on the fields that there are.
    pub(super) fn parse_user(body: &JsonBody) -> Result<Self, Refusal> {
        Self::of(body.as_json()?, Invalid::to_json_with_url)
    }

    fn of(body: Value, show: fn(&Invalid) -> Value) -> Result<Self, Refusal> {
        let wrong = match body {
            Value::Object(members) => return Ok(Self { members, wrong: Vec::new(), show }),
            Value::Null => Invalid::missing(&body),
            other => Invalid::not_an_object(&other),
        };
        Err(Refusal::Unprocessable(vec![show(&wrong.within("body"))]))
    }

    /// A member that has to be there. Where it is not, or is wrong, [`done`](Self::done) says so.
    pub(super) fn required<T: FromInput + Default>(&mut self, name: &str) -> T {
        match self.members.get(name).cloned() {
            Some(value) => self.read(name, T::from_input(&value)).unwrap_or_default(),
            None => {
                let missing = Invalid::missing(&Value::Object(self.members.clone()));
                self.read(name, Err(vec![missing])).unwrap_or_default()
            }
        }
    }

    /// A member that may be left out or null.
    pub(super) fn optional<T: FromInput>(&mut self, name: &str) -> Option<T> {
        let value = self.members.get(name).filter(|value| !value.is_null())?.clone();
        self.read(name, T::from_input(&value))
    }

    /// The fields of a user, of which all may be left out.
    pub(super) fn fields(&mut self, definitions: &[UserField]) -> Map<String, Value> {
        let Some(given) = self.members.get("fields").filter(|value| !value.is_null()) else {
            return Map::new();
        };
        let read = rules::read_fields(definitions, given);
        self.read("fields", read).unwrap_or_default()
    }

    /// Whether all that was taken is right.
    pub(super) fn done(self) -> Result<(), Refusal> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Refusal::Unprocessable(self.wrong.iter().map(self.show).collect()))
    }

    fn read<T>(&mut self, name: &str, read: Result<T, Vec<Invalid>>) -> Option<T> {
        read.map_err(|wrong| {
            self.wrong.extend(wrong.into_iter().map(|one| one.within(name).within("body")));
        })
        .ok()
    }
}

/// What a member can be read as.
pub(super) trait FromInput: Sized {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>>;
}

impl FromInput for String {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let text = input.as_str().map(str::to_owned);
        text.ok_or_else(|| vec![Invalid::not_a_string(input)])
    }
}

/// An email address, as it is kept.
#[derive(Default)]
pub(super) struct Email(pub(super) String);

impl FromInput for Email {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let text = String::from_input(input)?;
        rules::normalized_email(&text).map(Self).map_err(|reason| {
            let message = format!("value is not a valid email address: {reason}");
            vec![Invalid::new("value_error", message, input).context("reason", reason)]
        })
    }
}

impl FromInput for bool {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let value = rules::boolean(input).map_err(|wrong| vec![wrong])?;
        Ok(value.as_bool().unwrap_or_default())
    }
}

/// Seconds.
impl FromInput for u32 {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let number = rules::integer(input).map_err(|wrong| vec![wrong])?;
        if number.as_i64().is_some_and(i64::is_negative) {
            let message = "Input should be greater than or equal to 0";
            return Err(vec![Invalid::new("greater_than_equal", message, input).context("ge", 0)]);
        }
        // What is longer than 136 years is as good as those.
        Ok(number.as_u64().and_then(|number| number.try_into().ok()).unwrap_or(Self::MAX))
    }
}

impl FromInput for Uuid {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let Some(text) = input.as_str() else {
            let message = "UUID input should be a string, bytes or UUID object";
            return Err(vec![Invalid::new("uuid_type", message, input)]);
        };
        text.parse().map_err(|error: uuid::Error| {
            let error = error.to_string();
            let message = format!("Input should be a valid UUID, {error}");
            vec![Invalid::new("uuid_parsing", message, input).context("error", error)]
        })
    }
}

impl FromInput for ClientType {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        const EXPECTED: &str = "'public' or 'confidential'";
        serde_json::from_value(input.clone()).map_err(|_| {
            let message = format!("Input should be {EXPECTED}");
            vec![Invalid::new("enum", message, input).context("expected", EXPECTED)]
        })
    }
}

impl<T: FromInput> FromInput for Vec<T> {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let Some(items) = input.as_array() else {
            return Err(vec![Invalid::new("list_type", "Input should be a valid list", input)]);
        };
        let (mut read, mut wrong) = (Self::new(), Vec::new());
        for (index, item) in items.iter().enumerate() {
            match T::from_input(item) {
                Ok(item) => read.push(item),
                Err(all) => wrong.extend(all.into_iter().map(|one| one.within(index))),
            }
        }
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }
}

/// At least one redirect URI, each in the form that is compared.
#[derive(Default)]
pub(super) struct RedirectUris(pub(super) Vec<String>);

impl FromInput for RedirectUris {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let uris = Vec::<RedirectUri>::from_input(input)?;
        if uris.is_empty() {
            let message = "List should have at least 1 item after validation, not 0";
            let context = json!({"field_type": "List", "min_length": 1, "actual_length": 0});
            return Err(vec![Invalid::new("too_short", message, input).whole_context(context)]);
        }
        Ok(Self(uris.into_iter().map(|RedirectUri(uri)| uri).collect()))
    }
}

struct RedirectUri(String);

impl FromInput for RedirectUri {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        const HTTPS_REQUIRED: &str = "CLIENT_HTTPS_REQUIRED_ON_REDIRECT_URIS";
        let Some(text) = input.as_str() else {
            let message = "URL input should be a string or URL";
            return Err(vec![Invalid::new("url_type", message, input)]);
        };
        redirect_uri(text).map(Self).map_err(|error| match error {
            RedirectUriError::NotAUrl => {
                let error = Url::parse(text).err().map(|error| error.to_string());
                let error = error.unwrap_or_default();
                let message = format!("Input should be a valid URL, {error}");
                vec![Invalid::new("url_parsing", message, input).context("error", error)]
            }
            RedirectUriError::HttpsRequired => {
                vec![Invalid::new(HTTPS_REQUIRED, HTTPS_REQUIRED, input)]
            }
        })
    }
}
