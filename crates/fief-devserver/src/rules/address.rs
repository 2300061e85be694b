//! Postal addresses.

use serde_json::{Map, Value, json};

use super::{
    Invalid,
    field::{non_empty, text},
};

/// All members, null for those that are not there.
pub(super) fn address(input: &Value) -> Result<Value, Vec<Invalid>> {
    let Some(given) = input.as_object() else { return Err(vec![Invalid::not_an_object(input)]) };
    let mut members = Map::new();
    let mut invalid = Vec::new();
    for (name, is_required) in [
        ("line1", true),
        ("line2", false),
        ("postal_code", true),
        ("city", true),
        ("state", false),
        ("country", true),
    ] {
        let value = match given.get(name) {
            None if is_required => Err(Invalid::missing(input)),
            None | Some(Value::Null) if !is_required => Ok(Value::Null),
            Some(value) if name == "country" => country(value),
            value => non_empty(value.unwrap_or(&Value::Null)),
        };
        match value {
            Ok(value) => {
                members.insert(name.to_owned(), value);
            }
            Err(error) => invalid.push(error.within(name)),
        }
    }
    if invalid.is_empty() { Ok(Value::Object(members)) } else { Err(invalid) }
}

/// By its two letters (ISO 3166-1), in any case.
fn country(input: &Value) -> Result<Value, Invalid> {
    // The library has one that is not in the standard.
    let found = celes::Country::from_alpha2(text(input)?).ok();
    let found = found.map(|country| country.alpha2).filter(|code| *code != "XK");
    found.map(|code| json!(code)).ok_or_else(|| {
        Invalid::new("country_code.invalid", "value is not a valid country code", input)
    })
}
