//! Lists, a piece at a time.

use axum::{http::StatusCode, response::Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::FromInput;
use crate::http::{Parameters, Refusal, json as answer};

/// So many results in an answer, if it is not said, and at most.
const LIMIT: usize = 10;
const GREATEST_LIMIT: usize = 100;

/// How many there are, and those from `skip` on, `limit` of them.
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

/// Whether a text holds what the query looks for, in any case; it does where it looks for nothing.
pub(super) fn holds(query: &Parameters, text: &str) -> bool {
    let part = query.find("query").map(str::to_lowercase);
    part.is_none_or(|part| text.to_lowercase().contains(&part))
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
    let Some(text) = query.find(name) else { return Ok(None) };
    let read = T::from_input(&Value::from(text));
    read.map(Some).map_err(|wrong| {
        let wrong = wrong.into_iter().map(|one| one.within(name).within("query").to_json());
        Refusal::Unprocessable(wrong.collect())
    })
}
