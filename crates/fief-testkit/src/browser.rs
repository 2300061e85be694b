//! What tests need of a browser: it keeps cookies, and reads forms.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
};

use url::form_urlencoded::Serializer;

/// The cookies of one host, values by names. Paths do not matter to it.
#[derive(Clone, Debug, Default)]
pub struct Cookies(BTreeMap<String, String>);

impl Cookies {
    /// Keeps what an answer sets, and drops what it removes: the values of its `Set-Cookie`.
    pub fn keep<'a>(&mut self, set_cookie: impl IntoIterator<Item = &'a str>) {
        for line in set_cookie {
            assert!(line.len() <= 4096, "no browser keeps {} bytes", line.len());
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
        }
    }

    /// The value of `Cookie` for the next request, if there are any.
    pub fn header(&self) -> Option<String> {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<String> = pairs.collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Deref for Cookies {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl DerefMut for Cookies {
    fn deref_mut(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.0
    }
}

/// The first form of a page.
#[derive(Debug)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// The values of its inputs and buttons by their names; empty where there is none.
    pub inputs: BTreeMap<String, String>,
}

impl Form {
    /// Reads it, if the page has one.
    pub fn first_of(page: &str) -> Option<Self> {
        let (_, form) = page.split_once("<form")?;
        let form = form.split("</form").next()?;
        let action = attribute(form.split('>').next()?, "action").unwrap_or_default();
        let inputs = form
            .split('<')
            .filter(|tag| tag.starts_with("input") || tag.starts_with("button"))
            .filter_map(|tag| {
                let tag = tag.split('>').next()?;
                Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
            })
            .collect();
        Some(Self { action, inputs })
    }

    /// What a browser sends: the token of the form, if it has one, and these.
    pub fn filled(&self, pairs: &[(&str, &str)]) -> String {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(self.inputs.get_key_value("csrf_token"));
        form.extend_pairs(pairs);
        form.finish()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&amp;", "&"))
}
