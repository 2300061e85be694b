//! The fields of a user, as they come in from outside.

use serde_json::{Map, Value, json};

use super::{Invalid, field_value};
use crate::settings::{FieldType, UserField};

/// Reads the fields that are asked for. What is not asked for is ignored; a field that is left
/// out or null is left out of the result, except that a switch that is left out is off.
pub(crate) fn read<'a>(
    asked: impl IntoIterator<Item = &'a UserField>,
    given: &Value,
) -> Result<Map<String, Value>, Vec<Invalid>> {
    let Some(members) = given.as_object() else { return Err(vec![Invalid::not_an_object(given)]) };
    let mut values = Map::new();
    let mut invalid = Vec::new();
    for field in asked {
        match read_one(field, members.get(&field.slug), given) {
            Ok(Some(value)) => {
                values.insert(field.slug.clone(), value);
            }
            Ok(None) => {}
            Err(all) => invalid.extend(all.into_iter().map(|one| one.within(field.slug.as_str()))),
        }
    }
    if invalid.is_empty() { Ok(values) } else { Err(invalid) }
}

fn read_one(
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

/// A switch that is required has to be on: consent to something, for example.
fn must_be_on(field: &UserField, value: Value) -> Result<Value, Vec<Invalid>> {
    if field.required && value == false {
        return Err(vec![Invalid::new("boolean.must_be_true", "value must be true", &value)]);
    }
    Ok(value)
}
