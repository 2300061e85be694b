//! The form of the registration page, as it is shown.

use crate::settings::{FieldType, UserField};

/// What was answered so far, and what is wrong with it.
pub(crate) struct RegisterForm {
    pub(crate) email: String,
    pub(crate) email_error: Option<&'static str>,
    pub(crate) password_errors: Vec<&'static str>,
    /// For the fields that are asked for.
    pub(crate) inputs: Vec<RegisterInput>,
}

/// One input of the form.
#[derive(Default)]
pub(crate) struct RegisterInput {
    pub(crate) name: String,
    pub(crate) label: String,
    /// The type of the input, or `select`.
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    /// Whether a checkbox is checked.
    pub(crate) is_on: bool,
    pub(crate) is_required: bool,
    /// Value and label of what a `select` offers.
    pub(crate) choices: Vec<(String, String)>,
    pub(crate) error: Option<&'static str>,
}

impl RegisterInput {
    pub(crate) fn new(field: &UserField, name: String) -> Self {
        let kind = match field.field_type {
            FieldType::Integer => "number",
            FieldType::Boolean => "checkbox",
            FieldType::Date => "date",
            FieldType::Datetime => "datetime-local",
            FieldType::Choice => "select",
            FieldType::PhoneNumber => "tel",
            FieldType::String | FieldType::Address | FieldType::Timezone => "text",
        };
        Self {
            name,
            label: field.name.clone(),
            kind,
            is_required: field.required,
            choices: field.choices.clone(),
            ..Self::default()
        }
    }
}
