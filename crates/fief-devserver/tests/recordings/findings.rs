//! The differences that were found, compared with the known ones.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::differences::DIFFERENCES;

/// The differences found so far.
#[derive(Default)]
pub struct Findings {
    cases: BTreeSet<String>,
    found: BTreeSet<(String, String)>,
    details: Vec<String>,
}

impl Findings {
    pub fn case(&mut self, case: &str) {
        assert!(self.cases.insert(case.to_owned()), "{case} twice");
    }

    pub fn has(&self, case: &str) -> bool {
        self.cases.contains(case)
    }

    pub fn compare(&mut self, case: &str, what: &str, recorded: &Value, here: &Value) {
        if recorded != here {
            self.found.insert((case.to_owned(), what.to_owned()));
            self.details.push(format!("{case}: {what}\n  recorded {recorded}\n  here     {here}"));
        }
    }

    /// Fails if there is an unknown difference, or a known one no longer exists.
    pub fn check(self, part: &str) {
        let known: BTreeSet<_> = DIFFERENCES
            .iter()
            .flat_map(|known| known.cases.iter().map(|case| (*case, known.what)))
            .filter(|(case, _)| case.starts_with(part))
            .map(|(case, what)| (case.to_owned(), what.to_owned()))
            .collect();
        let new: Vec<_> = self.found.difference(&known).collect();
        let gone: Vec<_> = known.difference(&self.found).collect();
        assert!(
            new.is_empty() && gone.is_empty(),
            "{} of {} cases; not listed: {new:#?}\nlisted, but gone: {gone:#?}\n{}",
            self.found.len(),
            self.cases.len(),
            self.details.join("\n")
        );
        println!("{part}: {} cases, {} known differences", self.cases.len(), known.len());
    }
}

/// The part of a body that must match: all of it, except that only `type` and `loc` of validation
/// errors are compared. The position of malformed JSON in `loc` depends on the parser, and is left
/// out.
pub fn essence(body: &Value) -> Value {
    match body {
        Value::Object(members) if members.contains_key("loc") => {
            let malformed = members["type"] == "json_invalid";
            let loc = if malformed { members["loc"][0].clone() } else { members["loc"].clone() };
            json!({"type": members["type"], "loc": loc})
        }
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), essence(value))).collect()
        }
        Value::Array(items) => items.iter().map(essence).collect(),
        other => other.clone(),
    }
}
