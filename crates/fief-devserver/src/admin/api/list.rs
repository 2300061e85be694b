//! Lists, a piece at a time.

use axum::{http::StatusCode, response::Response};
use serde_json::{Value, json};

use crate::http::{Parameters, Refusal, json as answer};

/// So many results in an answer, if it is not said, and at most.
const LIMIT: usize = 10;
const GREATEST_LIMIT: usize = 100;

/// How many there are, and those from `skip` on, `limit` of them.
pub(crate) fn list(
    query: &Parameters,
    all: impl Iterator<Item = Value>,
) -> Result<Response, Refusal> {
    let limit = number(query, "limit")?.unwrap_or(LIMIT).min(GREATEST_LIMIT);
    let skip = number(query, "skip")?.unwrap_or(0);
    let all: Vec<_> = all.collect();
    let results: Vec<_> = all.iter().skip(skip).take(limit).collect();
    Ok(answer(StatusCode::OK, &json!({"count": all.len(), "results": results})))
}

fn number(query: &Parameters, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.find(name) else { return Ok(None) };
    let number = text.parse().map_err(|_| {
        Refusal::Unprocessable(vec![json!({
            "type": "int_parsing",
            "loc": ["query", name],
            "msg": "Input should be a valid integer, unable to parse string as an integer",
            "input": text,
        })])
    })?;
    Ok(Some(number))
}
