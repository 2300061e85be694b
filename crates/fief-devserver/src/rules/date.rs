//! Dates, with and without a time of day, by the parser that pydantic has.

use serde_json::{Value, json};
use speedate::{
    Date, DateTime, DateTimeConfig, MicrosecondsPrecisionOverflowBehavior, ParseError, TimeConfig,
};
use strum::EnumMessage;

use super::Invalid;

/// A date; a datetime passes for one at midnight, and a number is seconds since 1970.
pub(super) fn date(input: &Value) -> Result<Value, Invalid> {
    if let Some(Ok(date)) = input.as_str().map(Date::parse_str)
        && date.year > 0
    {
        return Ok(json!(date.to_string()));
    }
    match parse(input) {
        None => Err(Invalid::new("date_type", "Input should be a valid date", input)),
        Some(Err(error)) => {
            let error = explain(&error);
            let message = format!("Input should be a valid date or datetime, {error}");
            Err(Invalid::new("date_from_datetime_parsing", message, input).context("error", error))
        }
        Some(Ok(DateTime { date, time })) => {
            if (time.hour, time.minute, time.second, time.microsecond) == (0, 0, 0, 0) {
                return Ok(json!(date.to_string()));
            }
            let message = "Datetimes provided to dates should have zero time - e.g. be exact dates";
            Err(Invalid::new("date_from_datetime_inexact", message, input))
        }
    }
}

/// A datetime, with the offset it came with; a date passes for one at midnight, and a number is
/// seconds since 1970.
pub(super) fn datetime(input: &Value) -> Result<Value, Invalid> {
    let Some(parsed) = parse(input) else {
        return Err(Invalid::new("datetime_type", "Input should be a valid datetime", input));
    };
    parsed.map(|datetime| json!(shown(&datetime))).or_else(|error| {
        let error = match input.as_str().map(Date::parse_str) {
            Some(Ok(date)) => return Ok(json!(format!("{date}T00:00:00"))),
            Some(Err(error)) => explain(&error),
            None => explain(&error),
        };
        let message = format!("Input should be a valid datetime or date, {error}");
        Err(Invalid::new("datetime_from_date_parsing", message, input).context("error", error))
    })
}

/// How a datetime is read back later: with the same time of day, and in UTC whatever its offset
/// was, because the real server loses it in `SQLite`.
pub(crate) fn stored(shown: &str) -> String {
    let time = shown.find('T').unwrap_or(shown.len());
    let (date, time) = shown.split_at(time);
    let clock = time.find(['+', '-']).and_then(|end| time.get(..end)).unwrap_or(time);
    format!("{date}{clock}+00:00")
}

/// None for what is neither a text nor a number.
fn parse(input: &Value) -> Option<Result<DateTime, ParseError>> {
    let time = TimeConfig::builder()
        .microseconds_precision_overflow_behavior(MicrosecondsPrecisionOverflowBehavior::Truncate)
        .unix_timestamp_offset(Some(0))
        .build();
    let config = DateTimeConfig::builder().time_config(time).build();
    match input {
        Value::String(text) => Some(DateTime::parse_str_with_config(text, &config)),
        Value::Number(number) => Some(match number.as_i64() {
            Some(seconds) => DateTime::from_timestamp_with_config(seconds, 0, &config),
            None => DateTime::from_float_with_config(number.as_f64().unwrap_or(f64::MAX), &config),
        }),
        _ => None,
    }
    .map(|parsed| match parsed {
        // There was none, and the real server fails on it.
        Ok(datetime) if datetime.date.year == 0 => Err(ParseError::InvalidCharYear),
        other => other,
    })
}

/// As Python shows it: microseconds in six digits or none, and no `Z`.
fn shown(DateTime { date, time }: &DateTime) -> String {
    let fraction = match time.microsecond {
        0 => String::new(),
        microsecond => format!(".{microsecond:06}"),
    };
    let offset = time.tz_offset.map(|seconds| {
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    });
    let offset = offset.unwrap_or_default();
    format!("{date}T{:02}:{:02}:{:02}{fraction}{offset}", time.hour, time.minute, time.second)
}

fn explain(error: &ParseError) -> String {
    error.get_documentation().unwrap_or("invalid").to_owned()
}
