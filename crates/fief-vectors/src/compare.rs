//! Compares actual values with expected ones.

use serde_json::Value;

/// The differences between `actual` and what `expected` names, one line each.
///
/// Objects may have more members than expected, lists may not have more items. `null` stands for
/// null or absent.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, Some(actual), &mut found);
    found
}

fn compare(path: &str, expected: &Value, actual: Option<&Value>, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Null, None) => {}
        (Value::Object(expected), Some(Value::Object(actual))) => {
            for (name, value) in expected {
                compare(&format!("{path}/{name}"), value, actual.get(name), found);
            }
        }
        (Value::Array(expected), Some(Value::Array(actual))) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(&format!("{path}/{index}"), expected, Some(actual), found);
            }
        }
        (expected, Some(actual)) if expected == actual => {}
        (expected, Some(actual)) => {
            found.push(format!("at `{path}`: expected {}, got {}", brief(expected), brief(actual)));
        }
        (expected, None) => {
            found.push(format!("at `{path}`: expected {}, got nothing", brief(expected)));
        }
    }
}

/// The value, cut to the length of a line.
pub fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

    #[test]
    fn a_subset_has_no_differences() {
        let actual = json!({"a": 1, "b": {"c": [1, {"d": 2, "e": 3}]}, "f": null});
        let expected = json!({"b": {"c": [1, {"d": 2}]}, "f": null, "g": null});
        assert_eq!(differences(&expected, &actual), Vec::<String>::new());
    }

    #[test]
    fn each_difference_names_its_place() {
        let actual = json!({"a": {"b": 1}, "list": [1, 2], "present": 1});
        let expected = json!({"a": {"b": 2}, "list": [1], "present": null, "missing": 1});
        assert_eq!(
            differences(&expected, &actual),
            [
                "at `/a/b`: expected 2, got 1",
                "at `/list`: expected [1], got [1,2]",
                "at `/missing`: expected 1, got nothing",
                "at `/present`: expected null, got 1",
            ]
        );
    }
}
