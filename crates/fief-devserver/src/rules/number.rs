//! Numbers and switches, with what pydantic reads as one.

use serde_json::{Value, json};

use super::Invalid;

pub(crate) fn integer(input: &Value) -> Result<Value, Invalid> {
    match input {
        Value::Bool(value) => Ok(json!(i64::from(*value))),
        Value::Number(number) if number.is_f64() => whole(number.as_f64().unwrap_or(f64::NAN))
            .ok_or_else(|| {
                let message =
                    "Input should be a valid integer, got a number with a fractional part";
                Invalid::new("int_from_float", message, input)
            }),
        Value::Number(_) => Ok(input.clone()),
        Value::String(text) => parse(text).map(|number| json!(number)).ok_or_else(|| {
            let message = "Input should be a valid integer, unable to parse string as an integer";
            Invalid::new("int_parsing", message, input)
        }),
        _ => Err(Invalid::new("int_type", "Input should be a valid integer", input)),
    }
}

fn whole(number: f64) -> Option<Value> {
    // Printed without a fraction, so that only those remain that fit.
    let is_whole = number.fract() == 0.0;
    is_whole.then(|| format!("{number:.0}").parse::<i64>().ok()).flatten().map(|whole| json!(whole))
}

/// With blanks around it, a sign, single underscores inside, and zeros behind a point.
fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !digits.split('_').all(is_group) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

pub(crate) fn boolean(input: &Value) -> Result<Value, Invalid> {
    let found = match input {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            Some(_) if number.is_f64() => return Err(not_a_switch(input)),
            _ => None,
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "0" | "off" | "f" | "false" | "n" | "no" => Some(false),
            "1" | "on" | "t" | "true" | "y" | "yes" => Some(true),
            _ => None,
        },
        _ => return Err(not_a_switch(input)),
    };
    found.map(|value| json!(value)).ok_or_else(|| {
        let message = "Input should be a valid boolean, unable to interpret input";
        Invalid::new("bool_parsing", message, input)
    })
}

fn not_a_switch(input: &Value) -> Invalid {
    Invalid::new("bool_type", "Input should be a valid boolean", input)
}
