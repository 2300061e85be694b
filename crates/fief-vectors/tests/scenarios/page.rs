//! As much of HTML as the login pages need: the first form of a page and its inputs.

use std::collections::BTreeMap;

/// The first form of a page.
pub struct Form {
    pub action: String,
    pub inputs: BTreeMap<String, String>,
}

impl Form {
    pub fn first_of(page: &str) -> Option<Self> {
        let mut tags = page.split('<').skip(1).map(Tag::parse);
        let form = tags.by_ref().find(|tag| tag.name == "form")?;
        let inputs = tags
            .take_while(|tag| tag.name != "/form")
            .filter(|tag| tag.name == "input" || tag.name == "button")
            .filter_map(|mut tag| {
                let value = tag.attributes.remove("value").unwrap_or_default();
                Some((tag.attributes.remove("name")?, value))
            })
            .collect();
        let action = form.attributes.get("action").cloned().unwrap_or_default();
        Some(Self { action, inputs })
    }
}

struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    /// Reads what follows a `<`. An attribute without quotes around its value counts as empty:
    /// the pages put quotes around each value that matters.
    fn parse(text: &str) -> Self {
        let name_ends = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
        let (name, mut rest) = text.split_at(name_ends);
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
