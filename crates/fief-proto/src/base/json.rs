//! Strict JSON: one object, no duplicate members at any depth, and errors that quote nothing of the
//! document.
//!
//! A program may switch on features of `serde_json` that change how values are read: with
//! `arbitrary_precision`, `deserialize_any` shows a number in another form. Members are therefore
//! kept as they are written ([`RawValue`]) and read by their type, which no feature changes.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

/// How deep objects and lists may be nested.
const GREATEST_DEPTH: usize = 127;

/// Why a document is not the JSON it should be. It holds positions and harmless names, never
/// values: what a server sent may hold a token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JsonError {
    /// An object has a member more than once.
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
    /// It is not a JSON object.
    NotJson {
        /// Where the reading stopped, counted from 1.
        line: usize,
        /// The column in that line, in bytes.
        column: usize,
    },
    /// Objects and lists are nested more than 127 deep.
    TooDeep,
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
            Self::TooDeep => "too_deep",
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateMember => f.write_str("an object has a member more than once"),
            Self::Malformed { path, expected } => write!(f, "`{path}` is not {expected}"),
            Self::Missing { path } => write!(f, "`{path}` is missing"),
            Self::NotJson { line, column } => {
                write!(f, "it is not a JSON object (line {line}, column {column})")
            }
            Self::TooDeep => {
                write!(f, "objects and lists are nested more than {GREATEST_DEPTH} deep")
            }
        }
    }
}

impl std::error::Error for JsonError {}

/// The members of one JSON object, as they are written.
///
/// A claim is read out by its name and type when it is looked at, so that an odd claim that is
/// not looked at costs nothing, and a malformed one is an error instead of an absence.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    pub(crate) fn parse(document: &'a [u8]) -> Result<Self, JsonError> {
        let document = utf8(document)?;
        let object = Self::outside(document)?;
        object
            .0
            .iter()
            .filter(|(_, value)| is_nested(value.get()))
            .try_for_each(|(_, value)| look_inside(value, document))?;
        Ok(object)
    }

    /// As [`parse`](Self::parse), without a look into the members: for a list whose entries are
    /// parsed, and refused, one by one.
    pub(crate) fn parse_outside(document: &'a [u8]) -> Result<Self, JsonError> {
        Self::outside(utf8(document)?)
    }

    fn outside(document: &'a str) -> Result<Self, JsonError> {
        let object: Self = serde_json::from_str(document).map_err(|error| not_json(&error))?;
        if has_duplicate(&object.0, |(name, _)| name) {
            return Err(JsonError::DuplicateMember);
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

    /// A member that is a string, and may be absent but not `null`.
    pub(crate) fn string(&self, name: &'static str) -> Result<Option<JsonString<'a>>, JsonError> {
        match self.raw(name).and_then(JsonString::without_escapes) {
            Some(string) => Ok(Some(string)),
            None => self.optional(name, "a string"),
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

/// `serde_json` reads an object whose first member has a name with this prefix as a document of its
/// own, where the depth is counted from zero again. Such names are refused; no real document has
/// them.
const PRIVATE: &str = "$serde_json::private::";

/// A string, borrowed where it has no escapes (what serde makes of a bare `Cow` is always owned).
pub(crate) struct JsonString<'a>(pub Cow<'a, str>);

impl<'a> JsonString<'a> {
    /// The characters between the quotes, if none of them is escaped: then no parser is needed.
    fn without_escapes(value: &'a RawValue) -> Option<Self> {
        let string = value.get().strip_prefix('"')?.strip_suffix('"')?;
        (!string.contains('\\')).then_some(Self(Cow::Borrowed(string)))
    }
}

impl<'de> Deserialize<'de> for JsonString<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Borrowing<'a>(#[serde(borrow)] Cow<'a, str>);

        Borrowing::deserialize(deserializer).map(|Borrowing(string)| Self(string))
    }
}

impl JsonString<'_> {
    pub(crate) fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for JsonString<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A member's name.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let JsonString(name) = JsonString::deserialize(deserializer)?;
        if name.starts_with(PRIVATE) {
            return Err(D::Error::custom("a name that is reserved for the parser"));
        }
        Ok(Self(name))
    }
}

/// Checks the whole document at once, so that the parser need not check each name and value.
fn utf8(document: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(document).map_err(|error| position(document, error.valid_up_to()))
}

/// Whether a value is an object, or a list that may hold more than plain values. A bracket in a
/// string counts too: that costs a needless look inside, and does no harm.
fn is_nested(value: &str) -> bool {
    match value.strip_prefix('[') {
        Some(list) => list.contains(['{', '[']),
        None => value.starts_with('{'),
    }
}

/// Refuses a value in which some object has a member more than once, at any depth, or which is too
/// deep: in one pass, whatever the depth. The parser has seen before that it is JSON.
fn look_inside(value: &RawValue, document: &str) -> Result<(), JsonError> {
    let string = value.get();
    // The names of each open object; none for a list.
    let mut open: Vec<Option<Vec<JsonString<'_>>>> = Vec::new();
    let mut rest = string;
    let mut names_follow = false;
    while let Some(at) = rest.find(['{', '}', '[', ']', ',', ':', '"']) {
        let (found, after) = rest.split_at(at).1.split_at(1);
        rest = after;
        match found {
            "{" | "[" => {
                names_follow = found == "{";
                open.push(names_follow.then(Vec::new));
                if open.len() >= GREATEST_DEPTH {
                    return Err(JsonError::TooDeep);
                }
            }
            "}" | "]" => {
                if open.pop().flatten().is_some_and(|names| has_duplicate(&names, |name| name)) {
                    return Err(JsonError::DuplicateMember);
                }
                names_follow = false;
            }
            "," => names_follow = matches!(open.last(), Some(Some(_))),
            ":" => names_follow = false,
            _ => {
                let begin = string.len() - rest.len() - 1;
                rest = rest.get(length_of_string(rest)..).unwrap_or_default();
                let string = string.get(begin..string.len() - rest.len()).unwrap_or_default();
                if let (true, Some(Some(names))) = (names_follow, open.last_mut()) {
                    let Ok(Name(name)) = serde_json::from_str(string) else {
                        let at = string.as_ptr().addr() - document.as_ptr().addr();
                        return Err(position(document.as_bytes(), at));
                    };
                    names.push(JsonString(name));
                }
            }
        }
    }
    Ok(())
}

/// How long a string is from behind its first quotation mark to behind its last, in bytes.
fn length_of_string(string: &str) -> usize {
    let mut is_escaped = false;
    let end = string.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(string.len(), |end| end + 1)
}

/// Whether every number in a value is finite. `1e999` is not; whether `serde_json` accepts it
/// depends on its features.
pub(crate) fn is_finite(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(f64::is_finite),
        Value::Array(list) => list.iter().all(is_finite),
        Value::Object(object) => object.values().all(is_finite),
        _ => true,
    }
}

/// Whether two values are the same, with numbers compared by what they are and not by how they are
/// written.
pub(crate) fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            (a.as_u64(), a.as_i64(), a.as_f64()) == (b.as_u64(), b.as_i64(), b.as_f64())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Up to so many names are compared pairwise: for the few of a token, that is faster than sorting.
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

fn position(document: &[u8], offset: usize) -> JsonError {
    let before = document.get(..offset).unwrap_or_default();
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
    fn each_member_is_there_once_at_any_depth() {
        for document in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[[{"b":1,"c":2,"b":3}]]}"#,
            r#"{"a":[1,[2,{"b":[{"c":3.5,"c":3.5}]}]]}"#,
            r#"{"a":{"b":"}","\u0062":1}}"#,
            r#"{"a":{"\"":[],"x":{"y":"\\"},"\"":1}}"#,
        ] {
            let error = Object::parse(document.as_bytes()).unwrap_err();
            assert_eq!(error, JsonError::DuplicateMember, "{document}");
        }
        for document in [
            r#"{"a":{"b":1},"c":{"b":1}}"#,
            r#"{"a":{"b":"b","c":{"b":["b","b"]}}}"#,
            r#"{"a":[{"b":1},{"b":1},"b","b"]}"#,
            r#"{"a":{"\"b":1,"b":"\",\"b\":"}}"#,
        ] {
            assert!(Object::parse(document.as_bytes()).is_ok(), "{document}");
        }
        let error = Object::parse(b"{\"a\":{\n\"\\ud800\":1}}").unwrap_err();
        assert_eq!(error, JsonError::NotJson { line: 2, column: 1 });
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
    fn only_one_object_is_accepted() {
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
        assert_eq!(Object::parse(deep.as_bytes()).unwrap_err(), JsonError::TooDeep);
        let nested = |lists| format!("{{\"a\":{}{}}}", "[".repeat(lists), "]".repeat(lists));
        assert!(Object::parse(nested(126).as_bytes()).is_ok());
        assert_eq!(Object::parse(nested(127).as_bytes()).unwrap_err(), JsonError::TooDeep);
    }

    #[test]
    fn numbers_are_the_same_if_they_are_the_same_number() {
        let value = |string| serde_json::from_str::<Value>(string).unwrap();
        for (a, b, same) in [
            ("1", "1", true),
            ("1.0", "1.00", true),
            ("1", "1.0", false),
            ("9007199254740993", "9007199254740992", false),
            (r#"[{"a":1.5}]"#, r#"[{"a":1.50}]"#, true),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false),
        ] {
            assert_eq!(is_same(&value(a), &value(b)), same, "{a} {b}");
        }
        assert!(is_finite(&value(r#"{"a":[1,2.5,{"b":-1e300}]}"#)));
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
    fn a_string_is_the_same_with_and_without_escapes() {
        let object =
            Object::parse(br#"{"a":"duchy","b":"\u0064uchy","c":"","d":"\ud800","e":1}"#).unwrap();
        let string = |name| {
            object.string(name).map(|string| string.map(|JsonString(string)| string.into_owned()))
        };
        assert_eq!(string("a"), Ok(Some("duchy".to_owned())));
        assert_eq!(string("b"), string("a"));
        assert_eq!(string("c"), Ok(Some(String::new())));
        assert_eq!(string("f"), Ok(None));
        assert!(string("d").is_err() && string("e").is_err());
    }

    #[test]
    fn null_is_malformed_and_not_absent() {
        let object = Object::parse(br#"{"nbf":null}"#).unwrap();
        assert!(object.optional::<f64>("nbf", "a number").is_err());
        assert_eq!(object.optional::<f64>("exp", "a number"), Ok(None));
    }
}
