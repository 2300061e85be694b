//! Phone numbers.

use serde_json::{Value, json};

use super::Invalid;

/// The number as of E.164: a plus and up to 15 digits, whatever stood between them. Unlike the
/// real server this knows no numbering plans.
pub(super) fn number(text: &str) -> Result<Value, Invalid> {
    let digits = digits(text).filter(|digits| (7..=15).contains(&digits.len()));
    digits.map(|digits| json!(format!("+{digits}"))).ok_or_else(|| {
        let message = "value is missing the country code";
        Invalid::new("phone_number.missing_region", message, &json!(text))
    })
}

fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let rest = text.trim_start_matches('+');
    if rest.len() == text.len() || rest.starts_with('0') {
        return None;
    }
    // A zero that is dialled only within the country.
    let rest = rest.replace("(0)", "");
    let number = rest.split_once(" ext").map_or(rest.as_str(), |(number, _)| number);
    let is_between = |c: char| matches!(c, ' ' | '.' | '-' | '/' | '(' | ')');
    if !number.chars().all(|c| c.is_ascii_digit() || is_between(c)) {
        return None;
    }
    Some(number.chars().filter(char::is_ascii_digit).collect())
}
