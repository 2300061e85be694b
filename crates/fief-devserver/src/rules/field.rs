//! The fields of a user, as requests send them.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Invalid;
use crate::settings::user::{FieldType, UserField};

/// The first segments of the names in the time zone database.
const ZONES: [&str; 12] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Etc",
    "Europe",
    "Indian",
    "Pacific",
    "US",
];

/// Reads the fields that are asked for, and ignores others. A field that is missing or null is left
/// out of the result, except that a missing boolean is false.
pub(crate) fn read_fields<'a>(
    asked: impl IntoIterator<Item = &'a UserField>,
    given: &Value,
) -> Result<Map<String, Value>, Vec<Invalid>> {
    let Some(members) = given.as_object() else { return Err(vec![Invalid::not_an_object(given)]) };
    let mut values = Map::new();
    let mut invalid = Vec::new();
    for field in asked {
        match read_field(field, members.get(&field.slug), given) {
            Ok(value) => values.extend(value.map(|value| (field.slug.clone(), value))),
            Err(all) => invalid.extend(all.into_iter().map(|one| one.within(field.slug.as_str()))),
        }
    }
    if invalid.is_empty() { Ok(values) } else { Err(invalid) }
}

fn read_field(
    field: &UserField,
    given: Option<&Value>,
    all: &Value,
) -> Result<Option<Value>, Vec<Invalid>> {
    let is_switch = field.field_type == FieldType::Boolean;
    match given {
        None if is_switch => must_be_on(field, json!(false)).map(Some),
        None if field.required => Err(vec![Invalid::missing(all)]),
        None => Ok(None),
        Some(Value::Null) if is_switch || !field.required => Ok(None),
        Some(value) => {
            let value = field_value(field, value)?;
            if is_switch { must_be_on(field, value).map(Some) } else { Ok(Some(value)) }
        }
    }
}

/// A required boolean must be true: consent to something, for example.
fn must_be_on(field: &UserField, value: Value) -> Result<Value, Vec<Invalid>> {
    if field.required && value == false {
        return Err(vec![Invalid::new("boolean.must_be_true", "value must be true", &value)]);
    }
    Ok(value)
}

/// One value as it is stored and shown.
pub(crate) fn field_value(field: &UserField, input: &Value) -> Result<Value, Vec<Invalid>> {
    match field.field_type {
        FieldType::String => non_empty(input),
        FieldType::Integer => integer(input),
        FieldType::Boolean => boolean(input),
        FieldType::Date => date(input),
        FieldType::Datetime => datetime(input),
        FieldType::Choice => choice(&field.choices, input),
        FieldType::PhoneNumber => phone_number(input),
        FieldType::Address => return address(input),
        FieldType::Timezone => timezone(input),
    }
    .map_err(|invalid| vec![invalid])
}

fn string(input: &Value) -> Result<&str, Invalid> {
    input.as_str().ok_or_else(|| Invalid::not_a_string(input))
}

fn non_empty(input: &Value) -> Result<Value, Invalid> {
    if string(input)?.is_empty() {
        let message = "String should have at least 1 character";
        return Err(Invalid::new("string_too_short", message, input));
    }
    Ok(input.clone())
}

/// A number, or the digits of one: forms send strings.
pub(crate) fn integer(input: &Value) -> Result<Value, Invalid> {
    let (found, kind) = match input {
        Value::Number(number) if number.is_f64() => (whole(number.as_f64()), "int_from_float"),
        Value::Number(_) => (Some(input.clone()), "int_type"),
        Value::String(given) => (given.trim().parse().ok().map(|n: i64| json!(n)), "int_parsing"),
        _ => (None, "int_type"),
    };
    found.ok_or_else(|| Invalid::new(kind, "Input should be a whole number", input))
}

/// Formatted without a fraction, so that only numbers that fit an integer are accepted.
fn whole(number: Option<f64>) -> Option<Value> {
    let number = number.filter(|number| number.fract() == 0.0)?;
    format!("{number:.0}").parse::<i64>().ok().map(|whole| json!(whole))
}

/// True or false, or a word for it: forms send strings.
pub(crate) fn boolean(input: &Value) -> Result<Value, Invalid> {
    let (found, kind) = match input {
        Value::Bool(value) => (Some(*value), "bool_type"),
        Value::Number(number) => {
            (number.as_u64().filter(|bit| *bit < 2).map(|bit| bit == 1), "bool_parsing")
        }
        Value::String(word) => match word.to_ascii_lowercase().as_str() {
            "0" | "off" | "f" | "false" | "n" | "no" => (Some(false), "bool_parsing"),
            "1" | "on" | "t" | "true" | "y" | "yes" => (Some(true), "bool_parsing"),
            _ => (None, "bool_parsing"),
        },
        _ => (None, "bool_type"),
    };
    let message = "Input should be true or false";
    found.map(|value| json!(value)).ok_or_else(|| Invalid::new(kind, message, input))
}

/// A date. A datetime at midnight is accepted.
fn date(input: &Value) -> Result<Value, Invalid> {
    let refused = |kind| Invalid::new(kind, "Input should be a date as of ISO 8601", input);
    let given = input.as_str().ok_or_else(|| refused("date_type"))?;
    let shown = iso_8601(given).ok_or_else(|| refused("date_from_datetime_parsing"))?;
    let (date, clock) = shown.split_once('T').unwrap_or((&shown, ""));
    if !clock.starts_with("00:00:00") || clock.contains('.') {
        return Err(refused("date_from_datetime_inexact"));
    }
    Ok(json!(date))
}

/// A datetime, with its own offset. A date is accepted as its midnight.
fn datetime(input: &Value) -> Result<Value, Invalid> {
    let refused = |kind| Invalid::new(kind, "Input should be a datetime as of ISO 8601", input);
    let given = input.as_str().ok_or_else(|| refused("datetime_type"))?;
    iso_8601(given).map(|shown| json!(shown)).ok_or_else(|| refused("datetime_from_date_parsing"))
}

/// `date[Ttime[offset]]`, in the one form that Fief shows: seconds, microseconds in six digits or
/// none, and no `Z`.
fn iso_8601(given: &str) -> Option<String> {
    let (date, rest) = given.split_once(['T', 't']).unwrap_or((given, "00:00:00"));
    let (clock, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
    let seconds = if clock.len() == "00:00".len() { ":00" } else { "" };
    let zone = if offset.is_empty() { "Z" } else { offset };
    let parsed = format!("{date}T{clock}{seconds}{zone}");
    let parsed =
        OffsetDateTime::parse(&parsed, &Rfc3339).ok().filter(|parsed| parsed.year() > 0)?;
    let (hour, minute, second) = parsed.to_hms();
    let fraction = match parsed.microsecond() {
        0 => String::new(),
        microseconds => format!(".{microseconds:06}"),
    };
    let offset = match offset {
        "" => "",
        "Z" | "z" | "-00:00" => "+00:00",
        offset => offset,
    };
    Some(format!("{}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}", parsed.date()))
}

/// How a datetime is returned later: with the same time of day, but in UTC whatever its offset was,
/// because the real server loses the offset in `SQLite`.
pub(crate) fn stored_datetime(shown: &str) -> String {
    let (date, time) = shown.split_at(shown.find('T').unwrap_or(shown.len()));
    let clock = time.split(['+', '-']).next().unwrap_or(time);
    format!("{date}{clock}+00:00")
}

fn choice(choices: &[(String, String)], input: &Value) -> Result<Value, Invalid> {
    if choices.iter().any(|(value, _)| input == value) {
        return Ok(input.clone());
    }
    Err(Invalid::new("enum", "Input should be one of the choices", input))
}

/// The number as of E.164: a plus and up to 15 digits, whatever separated them. Unlike the real
/// server this knows no numbering plans.
fn phone_number(input: &Value) -> Result<Value, Invalid> {
    let digits: String =
        string(input)?.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '/')).collect();
    let number = digits.strip_prefix('+').filter(|number| {
        (7..=15).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|b| b.is_ascii_digit())
    });
    number.map(|number| json!(format!("+{number}"))).ok_or_else(|| {
        let message = "value is missing the country code";
        Invalid::new("phone_number.missing_region", message, input)
    })
}

/// By the form of its name: `Area/City`.
fn timezone(input: &Value) -> Result<Value, Invalid> {
    let name = string(input)?;
    let is_name =
        |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_+-/".contains(c));
    let is_known = match name.split_once('/') {
        Some((area, city)) => ZONES.contains(&area) && !city.is_empty() && is_name(city),
        None => matches!(name, "UTC" | "GMT"),
    };
    if is_known {
        return Ok(input.clone());
    }
    Err(Invalid::new("timezone.invalid", "value is not a valid timezone", input))
}

/// All members of an address, null for those that are not there.
fn address(input: &Value) -> Result<Value, Vec<Invalid>> {
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
            Ok(value) => drop(members.insert(name.to_owned(), value)),
            Err(error) => invalid.push(error.within(name)),
        }
    }
    if invalid.is_empty() { Ok(Value::Object(members)) } else { Err(invalid) }
}

/// By its two letters (ISO 3166-1), in any case.
fn country(input: &Value) -> Result<Value, Invalid> {
    let given = string(input)?.to_ascii_uppercase();
    if countries().any(|(code, _)| code == given) {
        return Ok(json!(given));
    }
    Err(Invalid::new("country_code.invalid", "value is not a valid country code", input))
}

/// The countries of ISO 3166-1: two letters, and the name.
pub(crate) fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = celes::Country::get_countries().into_iter();
    // The library has a country that is not in the standard.
    all.map(|country| (country.alpha2, country.long_name)).filter(|(code, _)| *code != "XK")
}
