//! What the admin API reads of a request, with the error codes of the real server.

use axum::{http::StatusCode, response::Response};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    http::{
        answer::{Refusal, json as answer},
        input::Parameters,
    },
    rules::{
        Invalid, credentials,
        field::{boolean, integer, read_fields},
        redirect_uri::{RedirectUriError, redirect_uri},
    },
    settings::{client::ClientType, user::UserField},
};

/// How many results an answer has by default, and at most.
const LIMIT: usize = 10;
const GREATEST_LIMIT: usize = 100;

/// The members of a JSON object, read one by one. Errors are collected, so that the refusal names
/// all of them.
pub(super) struct Input {
    members: Map<String, Value>,
    wrong: Vec<Invalid>,
}

impl Input {
    pub(super) fn parse(body: Value) -> Result<Self, Refusal> {
        let wrong = match body {
            Value::Object(members) => return Ok(Self { members, wrong: Vec::new() }),
            Value::Null => Invalid::missing(&body),
            other => Invalid::not_an_object(&other),
        };
        Err(Refusal::invalid(wrong.within("body")))
    }

    /// A member that is required. If it is missing or wrong, [`done`](Self::done) reports it.
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
        let read = read_fields(definitions, given);
        self.read("fields", read).unwrap_or_default()
    }

    /// Whether all that was read is right.
    pub(super) fn done(self) -> Result<(), Refusal> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Refusal::Unprocessable(self.wrong))
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
        let given = input.as_str().map(str::to_owned);
        given.ok_or_else(|| vec![Invalid::not_a_string(input)])
    }
}

/// An email address, as it is kept.
#[derive(Default)]
pub(super) struct Email(pub(super) String);

impl FromInput for Email {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        credentials::email(input).map(Self).map_err(|wrong| vec![wrong])
    }
}

impl FromInput for bool {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let value = boolean(input).map_err(|wrong| vec![wrong])?;
        Ok(value.as_bool().unwrap_or_default())
    }
}

/// Seconds.
impl FromInput for u32 {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let number = integer(input).map_err(|wrong| vec![wrong])?;
        if number.as_i64().is_some_and(i64::is_negative) {
            let message = "Input should be greater than or equal to 0";
            return Err(vec![Invalid::new("greater_than_equal", message, input)]);
        }
        // Longer times count as 136 years.
        Ok(number.as_u64().and_then(|number| number.try_into().ok()).unwrap_or(Self::MAX))
    }
}

impl FromInput for Uuid {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let kind = if input.is_string() { "uuid_parsing" } else { "uuid_type" };
        let read = input.as_str().and_then(|given| given.parse().ok());
        read.ok_or_else(|| vec![Invalid::new(kind, "Input should be a UUID", input)])
    }
}

impl FromInput for ClientType {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let message = "Input should be 'public' or 'confidential'";
        serde_json::from_value(input.clone())
            .map_err(|_| vec![Invalid::new("enum", message, input)])
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
            let message = "List should have at least 1 item";
            return Err(vec![Invalid::new("too_short", message, input)]);
        }
        Ok(Self(uris.into_iter().map(|RedirectUri(uri)| uri).collect()))
    }
}

struct RedirectUri(String);

impl FromInput for RedirectUri {
    fn from_input(input: &Value) -> Result<Self, Vec<Invalid>> {
        let refused = |kind, message| vec![Invalid::new(kind, message, input)];
        let given = input.as_str().ok_or_else(|| refused("url_type", "Input should be a URL"))?;
        redirect_uri(given).map(Self).map_err(|error| {
            let kind = match error {
                RedirectUriError::NotAUrl => "url_parsing",
                RedirectUriError::HttpsRequired => "CLIENT_HTTPS_REQUIRED_ON_REDIRECT_URIS",
            };
            refused(kind, error.message())
        })
    }
}

/// The number of all results, and `limit` of them from `skip` on.
pub(super) fn list(
    query: &Parameters,
    all: impl Iterator<Item = Value>,
) -> Result<Response, Refusal> {
    let limit = number(query, "limit")?.unwrap_or(LIMIT).min(GREATEST_LIMIT);
    let skip = number(query, "skip")?.unwrap_or(0);
    let all: Vec<_> = all.collect();
    let results: Vec<_> = all.iter().skip(skip).take(limit).collect();
    Ok(answer(StatusCode::OK, &json!({"count": all.len(), "results": results})))
}

/// Whether a name contains the query's search string, ignoring case. True without a search string.
pub(super) fn matches(query: &Parameters, name: &str) -> bool {
    let part = query.find("query").map(str::to_lowercase);
    part.is_none_or(|part| name.to_lowercase().contains(&part))
}

/// An identifier in the query, if there is one.
pub(super) fn uuid(query: &Parameters, name: &str) -> Result<Option<Uuid>, Refusal> {
    parameter(query, name)
}

fn number(query: &Parameters, name: &str) -> Result<Option<usize>, Refusal> {
    let number: Option<u32> = parameter(query, name)?;
    Ok(number.and_then(|number| number.try_into().ok()))
}

fn parameter<T: FromInput>(query: &Parameters, name: &str) -> Result<Option<T>, Refusal> {
    let Some(given) = query.find(name) else { return Ok(None) };
    let read = T::from_input(&Value::from(given));
    read.map(Some).map_err(|wrong| {
        let wrong = wrong.into_iter().map(|one| one.within(name).within("query"));
        Refusal::Unprocessable(wrong.collect())
    })
}
