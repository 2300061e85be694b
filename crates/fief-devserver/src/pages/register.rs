//! The page on which new users sign up: what it asks, and what is wrong with an answer.

use askama::Template;
use axum::{extract::State, response::Response};
use serde_json::{Map, Value, json};

use super::login::{invalid_session, sign_in};
use crate::{
    html::{
        error::error_page,
        frame::{Frame, Problem},
    },
    http::{
        app::App,
        cookies::{self, Cookies, Waiting},
        host::InTenant,
        input::{Form, Parameters},
    },
    rules::{
        credentials::{normalized_email, password_weaknesses},
        field::{countries, field_value},
    },
    settings::user::{FieldType, User, UserField},
    store::Store,
};

/// How long a user has to fill in the form, in seconds.
const LIFETIME: i64 = 3600;

const REQUIRED: &str = "This field is required.";
const OPTIONAL: &str = "(optional)";

pub(crate) async fn page(State(app): State<App>, tenant: InTenant, cookies: Cookies) -> Response {
    let mut store = app.store();
    if let Some(refused) = refused(&store, &tenant, &cookies, app.now()) {
        return refused;
    }
    let frame = Frame::new(tenant.of(&store), &cookies);
    let answers = Answers::read(&Parameters::default(), &store.user_fields);
    let response = shown(&frame, &answers.unjudged(), None);
    with_session(response, &mut store, &tenant, &cookies, app.now())
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    Form(form): Form,
) -> Response {
    let now = app.now();
    let mut store = app.store();
    if let Some(refused) = refused(&store, &tenant, &cookies, now) {
        return refused;
    }
    let here = tenant.of(&store);
    let slug = (!here.is_default).then(|| here.slug.clone());
    let frame = Frame::new(here, &cookies);
    let answers = Answers::read(&form, &store.user_fields);
    if !is_expected(&store, &tenant, &cookies, now) {
        // If the page was not shown to this browser before, the form is shown first.
        let response = shown(&frame, &answers.unjudged(), None);
        return with_session(response, &mut store, &tenant, &cookies, now);
    }
    if !frame.csrf.trusts(&form) {
        return shown(&frame, &answers.unjudged(), Some(Problem::CSRF));
    }
    let Answers { form, email, password, fields } = answers;
    let Some(email) = email.filter(|_| form.is_good()) else {
        return shown(&frame, &form.with_password_again(), Some(Problem::INVALID_FORM));
    };
    let mut user = User::new(email, password).unverified();
    user.tenant = slug;
    user.fields = fields;
    let Ok(id) = store.add_user(user, now) else {
        let form = form.with_email_in_use().with_password_again();
        return shown(&frame, &form, Some(Problem::USER_EXISTS));
    };
    if let Some(token) = cookies.find(Cookies::REGISTRATION) {
        store.registrations.remove(token);
    }
    let mut response = sign_in(&mut store, &frame, id, now);
    cookies::unset(response.headers_mut(), Cookies::REGISTRATION);
    response
}

/// Why the page can't be used.
fn refused(store: &Store, tenant: &InTenant, cookies: &Cookies, now: i64) -> Option<Response> {
    if let Waiting::Invalid = cookies.login_session(store, tenant.id(), now) {
        return Some(invalid_session());
    }
    if !tenant.of(store).registration_allowed {
        let message = "Registration is disabled.".to_owned();
        return Some(error_page("Sign up", "registration_disabled", message));
    }
    None
}

/// Whether the page was shown to this browser.
fn is_expected(store: &Store, tenant: &InTenant, cookies: &Cookies, now: i64) -> bool {
    let token = cookies.find(Cookies::REGISTRATION);
    token.and_then(|token| store.registrations.find(token, now)) == Some(&tenant.id())
}

fn with_session(
    mut response: Response,
    store: &mut Store,
    tenant: &InTenant,
    cookies: &Cookies,
    now: i64,
) -> Response {
    if !is_expected(store, tenant, cookies, now) {
        let token = store.registrations.issue(tenant.id(), now.saturating_add(LIFETIME));
        cookies::set(response.headers_mut(), Cookies::REGISTRATION, &token, None);
    }
    response
}

fn shown(frame: &Frame, form: &RegisterForm, problem: Option<Problem>) -> Response {
    frame.shown(problem, &Register { frame, form, focus: form.focus(), problem })
}

#[derive(Template)]
#[template(path = "register.html")]
struct Register<'a> {
    frame: &'a Frame,
    form: &'a RegisterForm,
    focus: &'a str,
    problem: Option<Problem>,
}

/// The form as it is shown: address and password, then the fields of the registration.
struct RegisterForm {
    inputs: Vec<Input>,
}

/// One input of the form.
#[derive(Default)]
struct Input {
    name: String,
    label: String,
    /// The type of the input, or `select`.
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    /// Whether a checkbox is checked.
    is_on: bool,
    is_required: bool,
    /// What the label says besides.
    note: &'static str,
    /// Of a group of inputs the first one has its label, and the last one ends it.
    group: Option<String>,
    ends_group: bool,
    /// Value and label of what a `select` offers.
    choices: Vec<(String, String)>,
    hint: &'static str,
    error: Option<String>,
}

/// The answers, as values of a user, and as the page shows them again.
struct Answers {
    form: RegisterForm,
    /// None if it is invalid.
    email: Option<String>,
    password: String,
    fields: Map<String, Value>,
}

impl RegisterForm {
    fn is_good(&self) -> bool {
        self.inputs.iter().all(|input| input.error.is_none())
    }

    /// The name of the input that the cursor goes to: the first with an error, or else the first.
    fn focus(&self) -> &str {
        let faulty = self.inputs.iter().find(|input| input.error.is_some());
        faulty.or(self.inputs.first()).map_or("", |input| &input.name)
    }

    /// A password is never shown again, so that it has to be entered again if anything is wrong.
    fn with_password_again(mut self) -> Self {
        let password = self.inputs.iter_mut().find(|input| input.kind == "password");
        if let Some(password) = password {
            password.error.get_or_insert_with(|| "Please enter it again.".to_owned());
        }
        self
    }

    fn with_email_in_use(mut self) -> Self {
        if let Some(email) = self.inputs.first_mut() {
            email.error = Some("A user with this email address already exists.".to_owned());
        }
        self
    }
}

impl Answers {
    fn read(form: &Parameters, fields: &[UserField]) -> Self {
        let (email, email_input) = read_email(form);
        let (password, password_input) = read_password(form);
        let mut inputs = vec![email_input, password_input];
        let mut values = Map::new();
        for field in fields.iter().filter(|field| field.at_registration) {
            let (value, asked) = read_field(form, field);
            values.extend(value.map(|value| (field.slug.clone(), value)));
            inputs.extend(asked);
        }
        Self { form: RegisterForm { inputs }, email, password, fields: values }
    }

    /// The form without errors, for a page that was not sent yet.
    fn unjudged(mut self) -> RegisterForm {
        self.form.inputs.iter_mut().for_each(|input| input.error = None);
        self.form
    }
}

fn read_email(form: &Parameters) -> (Option<String>, Input) {
    let given = form.find("email").unwrap_or_default();
    // The API accepts an address with blanks around it; this form does not.
    let normalized = normalized_email(given).filter(|_| given.trim() == given);
    let error = match &normalized {
        _ if given.is_empty() => Some(REQUIRED),
        None => Some("Mail can't be sent to this address."),
        Some(_) => None,
    };
    let input = Input {
        name: "email".to_owned(),
        label: "Email address".to_owned(),
        kind: "email",
        autocomplete: "username",
        value: given.to_owned(),
        is_required: true,
        error: error.map(str::to_owned),
        ..Input::default()
    };
    (normalized, input)
}

fn read_password(form: &Parameters) -> (String, Input) {
    let given = form.find("password").unwrap_or_default();
    let weaknesses = if given.is_empty() { vec![REQUIRED] } else { password_weaknesses(given) };
    let input = Input {
        name: "password".to_owned(),
        label: "Password".to_owned(),
        kind: "password",
        autocomplete: "new-password",
        is_required: true,
        hint: "At least 8 characters, and not easy to guess.",
        error: weaknesses.first().map(|&weakness| weakness.to_owned()),
        ..Input::default()
    };
    (given.to_owned(), input)
}

fn read_field(form: &Parameters, field: &UserField) -> (Option<Value>, Vec<Input>) {
    let name = format!("fields.{}", field.slug);
    match field.field_type {
        FieldType::Address => read_address(form, field, &name),
        FieldType::Boolean => {
            let is_on = form.find(&name).is_some_and(|value| !matches!(value, "" | "false"));
            let error = (field.required && !is_on).then(|| REQUIRED.to_owned());
            (Some(json!(is_on)), vec![Input { is_on, error, ..Input::of(field, name) }])
        }
        _ => {
            let mut input = Input::of(field, name);
            // Before the form was sent, the page shows the defaults.
            let default = field.default.as_ref().and_then(Value::as_str).unwrap_or_default();
            let given = form.find(&input.name).unwrap_or(default).to_owned();
            let value = if given.is_empty() {
                input.error = field.required.then(|| REQUIRED.to_owned());
                None
            } else {
                let value = field_value(field, &json!(given)).ok();
                input.error = value.is_none().then(|| complaint(field.field_type).to_owned());
                value
            };
            input.value = given;
            (value, vec![input])
        }
    }
}

impl Input {
    fn of(field: &UserField, name: String) -> Self {
        let (kind, autocomplete, hint) = match field.field_type {
            FieldType::Integer => ("number", "off", ""),
            FieldType::Boolean => ("checkbox", "off", ""),
            FieldType::Date => ("date", "off", ""),
            FieldType::Datetime => ("datetime-local", "off", ""),
            FieldType::Choice => ("select", "off", ""),
            FieldType::PhoneNumber => {
                ("tel", "tel", "With the country code, as in +33 2 40 20 20 20.")
            }
            FieldType::Timezone => ("text", "off", "As in Europe/Paris."),
            FieldType::String | FieldType::Address => ("text", "on", ""),
        };
        Self {
            name,
            label: field.name.clone(),
            kind,
            autocomplete,
            hint,
            is_required: field.required,
            note: if field.required { "" } else { OPTIONAL },
            choices: field.choices.clone(),
            ..Self::default()
        }
    }
}

fn complaint(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Integer => "This is not a whole number.",
        FieldType::Date => "This is not a date.",
        FieldType::Datetime => "This is not a date and time.",
        FieldType::PhoneNumber => "This is not a phone number with a country code.",
        FieldType::Timezone => "This is not a time zone.",
        _ => "This is none of the choices.",
    }
}

/// An address has an input for each of its parts. None of them has to be filled in where the
/// whole may be left out, which the group says then.
fn read_address(form: &Parameters, field: &UserField, name: &str) -> (Option<Value>, Vec<Input>) {
    let mut inputs: Vec<_> = [
        ("line1", "Address line 1", "address-line1", true),
        ("line2", "Address line 2", "address-line2", false),
        ("postal_code", "Postal code", "postal-code", true),
        ("city", "City", "address-level2", true),
        ("state", "State", "address-level1", false),
        ("country", "Country", "country", true),
    ]
    .map(|(part, label, autocomplete, is_required)| Input {
        label: label.to_owned(),
        autocomplete,
        value: form.trimmed(&format!("{name}.{part}")).to_owned(),
        is_required: is_required && field.required,
        note: if is_required { "" } else { OPTIONAL },
        group: (part == "line1").then(|| field.name.clone()),
        ends_group: part == "country",
        ..Input::of(field, format!("{name}.{part}"))
    })
    .into();
    if let Some(country) = inputs.last_mut() {
        country.kind = "select";
        // One looks for the United Kingdom under U.
        let short = |name: &str| name.strip_prefix("The ").unwrap_or(name).to_owned();
        country.choices = countries().map(|(code, name)| (code.to_owned(), short(name))).collect();
        country.choices.sort_by(|one, other| one.1.cmp(&other.1));
        country.value.make_ascii_uppercase();
    }
    let part = |input: &Input| input.name.rsplit('.').next().unwrap_or_default().to_owned();
    let given = inputs.iter().filter(|input| !input.value.is_empty());
    let given: Map<_, _> = given.map(|input| (part(input), json!(input.value))).collect();
    if given.is_empty() && !field.required {
        return (None, inputs);
    }
    match field_value(field, &Value::Object(given)) {
        Ok(value) => (Some(value), inputs),
        Err(invalid) => {
            for input in &mut inputs {
                if invalid.iter().any(|one| one.is_about(&part(input))) {
                    let missing = input.value.is_empty();
                    let error = match (missing, field.required) {
                        (true, true) => REQUIRED,
                        (true, false) => "An address is not complete without this.",
                        (false, _) => complaint(field.field_type),
                    };
                    input.error = Some(error.to_owned());
                }
            }
            (None, inputs)
        }
    }
}
