//! What strangers answer to the questions of the registration page.

use serde_json::{Map, Value, json};

use crate::{
    http::Parameters,
    page::{RegisterForm, RegisterInput},
    rules,
    settings::{FieldType, UserField},
};

const REQUIRED: &str = "This field is required.";

/// What was answered, as a user would have it, and as the page shows it again.
pub(super) struct Answers {
    pub(super) form: RegisterForm,
    pub(super) email: String,
    pub(super) password: String,
    pub(super) fields: Map<String, Value>,
}

impl Answers {
    pub(super) fn read(form: &Parameters, fields: &[UserField]) -> Self {
        let given = |name| form.find(name).unwrap_or_default();
        let (email, password) = (given("email"), given("password"));
        // The API takes an address with blanks around it, or with a name; this form does not.
        let is_bare = email.trim() == email && !email.contains('<');
        let normalized = rules::normalized_email(email).ok().filter(|_| is_bare);
        let email_error = match &normalized {
            _ if email.is_empty() => Some(REQUIRED),
            None => Some("Invalid email address."),
            Some(_) => None,
        };
        let password_errors = match password {
            "" => vec![REQUIRED],
            password => rules::password_weaknesses(password),
        };
        let mut values = Map::new();
        let mut inputs = Vec::new();
        for field in fields.iter().filter(|field| field.at_registration) {
            let (value, asked) = read_field(form, field);
            values.extend(value.map(|value| (field.slug.clone(), value)));
            inputs.extend(asked);
        }
        Self {
            form: RegisterForm { email: email.to_owned(), email_error, password_errors, inputs },
            email: normalized.unwrap_or_default(),
            password: password.to_owned(),
            fields: values,
        }
    }

    /// None if something is wrong.
    pub(super) fn if_good(self) -> Option<Self> {
        let RegisterForm { email_error, password_errors, inputs, .. } = &self.form;
        let is_good = email_error.is_none()
            && password_errors.is_empty()
            && inputs.iter().all(|input| input.error.is_none());
        is_good.then_some(self)
    }

    /// The form without a word on what is wrong, for somebody who has not sent it.
    pub(super) fn unjudged(mut self) -> RegisterForm {
        self.form.email_error = None;
        self.form.password_errors.clear();
        self.form.inputs.iter_mut().for_each(|input| input.error = None);
        self.form
    }
}

fn read_field(form: &Parameters, field: &UserField) -> (Option<Value>, Vec<RegisterInput>) {
    let name = format!("fields.{}", field.slug);
    match field.field_type {
        FieldType::Address => read_address(form, field, &name),
        FieldType::Boolean => {
            let is_on = form.find(&name).is_some_and(|value| !matches!(value, "" | "false"));
            let input = RegisterInput {
                is_on,
                error: (field.required && !is_on).then_some(REQUIRED),
                ..RegisterInput::new(field, name)
            };
            (Some(json!(is_on)), vec![input])
        }
        _ => {
            let mut input = RegisterInput::new(field, name);
            // Nothing was sent: the page is new, and shows what is there by default.
            let default = field.default.as_ref().and_then(Value::as_str).unwrap_or_default();
            let text = form.find(&input.name).unwrap_or(default).to_owned();
            let value = if text.is_empty() {
                input.error = field.required.then_some(REQUIRED);
                None
            } else {
                let value = read_text(field, &text);
                input.error = value.is_none().then_some(complaint(field.field_type));
                value
            };
            input.value = text;
            (value, vec![input])
        }
    }
}

/// Whole numbers are stricter here than in the API.
fn read_text(field: &UserField, text: &str) -> Option<Value> {
    match field.field_type {
        FieldType::Integer => text.trim().parse::<i64>().ok().map(|number| json!(number)),
        _ => rules::field_value(field, &json!(text)).ok(),
    }
}

fn complaint(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Integer => "Not a valid integer value.",
        FieldType::Date => "Not a valid date value.",
        FieldType::Datetime => "Not a valid datetime value.",
        FieldType::PhoneNumber => "The country code is missing.",
        _ => "Not a valid choice.",
    }
}

/// An address has an input for each of its parts. None of them has to be filled in where the
/// whole is not asked for.
fn read_address(
    form: &Parameters,
    field: &UserField,
    name: &str,
) -> (Option<Value>, Vec<RegisterInput>) {
    let mut inputs: Vec<_> = [
        ("line1", "Address line 1", true),
        ("line2", "Address line 2", false),
        ("postal_code", "Postal code", true),
        ("city", "City", true),
        ("state", "State", false),
        ("country", "Country", true),
    ]
    .map(|(part, label, is_required)| RegisterInput {
        label: label.to_owned(),
        value: form.find(&format!("{name}.{part}")).unwrap_or_default().to_owned(),
        is_required: is_required && field.required,
        ..RegisterInput::new(field, format!("{name}.{part}"))
    })
    .into();
    let part = |input: &RegisterInput| input.name.rsplit('.').next().map(str::to_owned);
    let given = inputs.iter().filter(|input| !input.value.is_empty());
    let given: Map<_, _> =
        given.filter_map(|input| Some((part(input)?, json!(input.value)))).collect();
    if given.is_empty() && !field.required {
        return (None, inputs);
    }
    match rules::field_value(field, &Value::Object(given)) {
        Ok(value) => (Some(value), inputs),
        Err(invalid) => {
            for input in &mut inputs {
                let is_about =
                    |one: &&rules::Invalid| one.is_about(&part(input).unwrap_or_default());
                input.error = invalid
                    .iter()
                    .find(is_about)
                    .map(|_| if input.value.is_empty() { REQUIRED } else { "Not a valid choice." });
            }
            (None, inputs)
        }
    }
}
