//! Strict JSON: one object, no member twice at any depth, no text of the document in an error.

use std::{borrow::Cow, fmt, ops::Deref, str::Utf8Error};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Why a document is not the JSON it should be. Positions and names of ours only: what a server
/// sent may hold a token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JsonError {
    /// A member stands twice in one object.
    DuplicateMember,
    /// A member is not what it should be.
    Malformed {
        /// The path of the member, `keys[2].n` for example.
        path: Cow<'static, str>,
        /// What it should be.
        expected: &'static str,
    },
    /// A member is missing.
    Missing {
        /// The path of the member.
        path: Cow<'static, str>,
    },
    /// No JSON object.
    NotJson {
        /// Where the reading stopped, counted from 1.
        line: usize,
        /// The column in that line, in bytes.
        column: usize,
    },
}

impl JsonError {
    pub(crate) fn malformed(path: impl Into<Cow<'static, str>>, expected: &'static str) -> Self {
        Self::Malformed { path: path.into(), expected }
    }

    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::DuplicateMember => "duplicate_member",
            Self::Malformed { .. } | Self::Missing { .. } => "malformed",
            Self::NotJson { .. } => "not_json",
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateMember => f.write_str("a member stands twice in one object"),
            Self::Malformed { path, expected } => write!(f, "`{path}` is not {expected}"),
            Self::Missing { path } => write!(f, "`{path}` is missing"),
            Self::NotJson { line, column } => {
                write!(f, "it is no JSON object, as seen at line {line}, column {column}")
            }
        }
    }
}

impl std::error::Error for JsonError {}

/// The members of one JSON object, still as text.
///
/// A claim is read out by its name and type when it is looked at, so that an odd claim which nobody
/// looks at costs nothing, and a malformed one is an error instead of an absence.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    pub(crate) fn parse(document: &'a [u8]) -> Result<Self, JsonError> {
        // Once for all: the parser would check each name and value by itself.
        let document = std::str::from_utf8(document).map_err(|error| not_text(document, error))?;
        let object: Self = serde_json::from_str(document).map_err(|error| not_json(&error))?;
        if has_duplicate(&object.0, |(name, _)| name) {
            return Err(JsonError::DuplicateMember);
        }
        for (_, value) in &object.0 {
            if is_nested(value.get()) {
                refuse_duplicates(value)?;
            }
        }
        Ok(object)
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// A member that is a text, and may be absent but not `null`.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<Text<'a>>, JsonError> {
        match self.raw(name).and_then(Text::without_escapes) {
            Some(text) => Ok(Some(text)),
            None => self.optional(name, "a text"),
        }
    }

    /// The member, which may be absent but not `null`.
    pub(crate) fn optional<T: Deserialize<'a>>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, JsonError> {
        self.raw(name)
            .map(|value| {
                serde_json::from_str(value.get()).map_err(|_| JsonError::malformed(name, expected))
            })
            .transpose()
    }

    pub(crate) fn required<T: Deserialize<'a>>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<T, JsonError> {
        self.optional(name, expected)?.ok_or(JsonError::Missing { path: name.into() })
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                // A token of Fief has about ten claims.
                let mut members = Vec::with_capacity(16);
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// `serde_json` reads an object whose first member has such a name as a document of its own, with a
/// depth of its own: a way past every bound, and no name that anybody needs.
const PRIVATE: &str = "$serde_json::private::";

/// A text, borrowed where it has no escapes (what serde makes of a bare `Cow` is always owned).
pub(crate) struct Text<'a>(pub Cow<'a, str>);

impl<'a> Text<'a> {
    /// What stands between the quotes, if it stands for itself: no parser is needed then.
    fn without_escapes(value: &'a RawValue) -> Option<Self> {
        let text = value.get().strip_prefix('"')?.strip_suffix('"')?;
        (!text.contains('\\')).then_some(Self(Cow::Borrowed(text)))
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Borrowing<'a>(#[serde(borrow)] Cow<'a, str>);

        Borrowing::deserialize(deserializer).map(|Borrowing(text)| Self(text))
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A member's name.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(name) = Text::deserialize(deserializer)?;
        if name.starts_with(PRIVATE) {
            return Err(D::Error::custom("a name that the parser keeps for itself"));
        }
        Ok(Self(name))
    }
}

/// Whether a value is an object, or a list that may hold more than plain values: what there is to
/// look into. Brackets in a text make it look for nothing, which is no harm.
fn is_nested(value: &str) -> bool {
    match value.strip_prefix('[') {
        Some(list) => list.contains(['{', '[']),
        None => value.starts_with('{'),
    }
}

/// Refuses a value in which some object has a member twice, at any depth.
fn refuse_duplicates(value: &RawValue) -> Result<(), JsonError> {
    let mut deserializer = serde_json::Deserializer::from_str(value.get());
    Unique.deserialize(&mut deserializer).map_err(|error| {
        if error.to_string().starts_with(DUPLICATE) {
            JsonError::DuplicateMember
        } else {
            not_json(&error)
        }
    })
}

/// How `Unique` says what it has found, through the parser's error type.
const DUPLICATE: &str = "duplicate member";

struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            names.push(name);
            map.next_value_seed(Self)?;
        }
        if has_duplicate(&names, |name| name) {
            return Err(A::Error::custom(DUPLICATE));
        }
        Ok(())
    }
}

/// So many names are compared each with each: for those of a token that costs less than to sort
/// them.
const FEW: usize = 24;

/// Whether two members have one name. Many are sorted, so that an object of ten thousand members
/// costs no hundred million comparisons.
fn has_duplicate<T>(members: &[T], name: impl Fn(&T) -> &str) -> bool {
    if members.len() <= FEW {
        let mut rest = members;
        while let Some((first, others)) = rest.split_first() {
            if others.iter().any(|other| name(other) == name(first)) {
                return true;
            }
            rest = others;
        }
        return false;
    }
    let mut names: Vec<&str> = members.iter().map(name).collect();
    names.sort_unstable();
    !names.is_sorted_by(|a, b| a < b)
}

fn not_text(document: &[u8], error: Utf8Error) -> JsonError {
    let before = document.get(..error.valid_up_to()).unwrap_or_default();
    let lines = || before.split(|byte| *byte == b'\n');
    JsonError::NotJson {
        line: lines().count(),
        column: lines().next_back().map_or(0, <[u8]>::len) + 1,
    }
}

fn not_json(error: &serde_json::Error) -> JsonError {
    JsonError::NotJson { line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_stands_once_at_any_depth() {
        for document in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[[{"b":1,"c":2,"b":3}]]}"#,
        ] {
            let error = Object::parse(document.as_bytes()).unwrap_err();
            assert_eq!(error, JsonError::DuplicateMember, "{document}");
        }
        assert!(Object::parse(br#"{"a":{"b":1},"c":{"b":1}}"#).is_ok());
    }

    #[test]
    fn among_many_members_too() {
        let member = |index| format!("\"member{index}\":0");
        let mut members: Vec<String> = (0..1_000).map(member).collect();
        assert!(Object::parse(format!("{{{}}}", members.join(",")).as_bytes()).is_ok());
        members.push(member(500));
        let error = Object::parse(format!("{{{}}}", members.join(",")).as_bytes()).unwrap_err();
        assert_eq!(error, JsonError::DuplicateMember);
    }

    #[test]
    fn only_one_object_is_taken() {
        for document in ["", "[]", "1", "{}{}", "{} x", "{\"a\":}", "\u{feff}{}", "{'a':1}"] {
            assert!(Object::parse(document.as_bytes()).is_err(), "{document}");
        }
        let error = Object::parse(b"{\n\"a\":\"\xff\"}").unwrap_err();
        assert_eq!(error, JsonError::NotJson { line: 2, column: 6 });
        assert!(Object::parse(b" {} \n").is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(Object::parse(deep.as_bytes()), Err(JsonError::NotJson { .. })));
    }

    #[test]
    fn the_private_names_of_the_parser_are_refused() {
        for document in [
            r#"{"$serde_json::private::RawValue":"{}"}"#,
            r#"{"a":{"$serde_json::private::RawValue":"{\"b\":1,\"b\":2}"}}"#,
            r#"{"a":[{"\u0024serde_json::private::RawValue":"[]"}]}"#,
            r#"{"a":{"$serde_json::private::Number":"1"}}"#,
        ] {
            let error = Object::parse(document.as_bytes()).unwrap_err();
            assert!(matches!(error, JsonError::NotJson { .. }), "{document}");
        }
    }

    #[test]
    fn a_text_is_the_same_with_and_without_escapes() {
        let object =
            Object::parse(br#"{"a":"duchy","b":"\u0064uchy","c":"","d":"\ud800","e":1}"#).unwrap();
        let text = |name| object.text(name).map(|text| text.map(|Text(text)| text.into_owned()));
        assert_eq!(text("a"), Ok(Some("duchy".to_owned())));
        assert_eq!(text("b"), text("a"));
        assert_eq!(text("c"), Ok(Some(String::new())));
        assert_eq!(text("f"), Ok(None));
        assert!(text("d").is_err() && text("e").is_err());
    }

    #[test]
    fn null_is_malformed_and_not_absent() {
        let object = Object::parse(br#"{"nbf":null}"#).unwrap();
        assert!(object.optional::<f64>("nbf", "a number").is_err());
        assert_eq!(object.optional::<f64>("exp", "a number"), Ok(None));
    }
}
