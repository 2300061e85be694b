//! As much of HTML as the pages need: the first form and its inputs.

use std::collections::BTreeMap;

/// The first form of a page.
pub(super) struct Form {
    action: String,
    inputs: BTreeMap<String, String>,
}

impl Form {
    pub(super) fn first_of(page: &str) -> Option<Self> {
        let mut tags = page.split('<').skip(1).map(Tag::parse);
        let mut form = tags.by_ref().find(|tag| tag.name == "form")?;
        let inputs = tags
            .take_while(|tag| tag.name != "/form")
            .filter(|tag| tag.name == "input" || tag.name == "button")
            .filter_map(|mut tag| {
                let value = tag.attributes.remove("value").unwrap_or_default();
                Some((tag.attributes.remove("name")?, value))
            })
            .collect();
        Some(Self { action: form.attributes.remove("action").unwrap_or_default(), inputs })
    }

    /// Where it goes and what with: the login form with address and password, the consent form
    /// with a yes. None for any other form.
    pub(super) fn filled(
        mut self,
        email: &str,
        password: &str,
    ) -> Option<(String, Vec<(String, String)>)> {
        let mut filled = Vec::new();
        filled.extend(self.inputs.remove_entry("csrf_token"));
        if self.inputs.contains_key("password") {
            filled.push(("email".to_owned(), email.to_owned()));
            filled.push(("password".to_owned(), password.to_owned()));
        } else {
            filled.push(self.inputs.remove_entry("allow")?);
        }
        Some((self.action, filled))
    }
}

struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    /// Reads what follows a `<`. A value without quotes counts as empty: the pages quote what
    /// matters.
    fn parse(text: &str) -> Self {
        let ends = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
        let (name, mut rest) = text.split_at(ends);
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let ends = |c: char| c.is_whitespace() || c == '=' || c == '>';
            let (attribute, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
            if attribute.is_empty() {
                break;
            }
            let quoted = after.strip_prefix("=\"").and_then(|value| value.split_once('"'));
            let (value, after) = quoted.unwrap_or(("", after.trim_start_matches('=')));
            attributes.insert(attribute.to_owned(), value.replace("&amp;", "&"));
            rest = after;
        }
        Self { name: name.to_ascii_lowercase(), attributes }
    }
}
