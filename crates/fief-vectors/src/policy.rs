//! The statements of the policy, and which of them no vector shows.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::format::Vector;

/// One testable statement of the design's policies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The ID by which vectors name it.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Why vectors can't show one of its sides, and what shows it instead.
    #[serde(default)]
    pub elsewhere: Elsewhere,
}

/// The sides of a statement that no vector can show, each with the reason.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Elsewhere {
    /// Why no vector can be accepted by it.
    pub accepts: Option<String>,
    /// Why no vector can be refused by it.
    pub refuses: Option<String>,
}

/// All statements.
/// # Errors
///
/// If the list is damaged.
pub fn statements() -> Result<Vec<Statement>, serde_json::Error> {
    serde_json::from_str(include_str!("../policy.json"))
}

/// What is missing between statements and vectors, one line each.
pub fn gaps<'a>(
    statements: &[Statement],
    vectors: impl IntoIterator<Item = &'a Vector>,
) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut known = BTreeSet::new();
    for statement in statements {
        if !known.insert(statement.id.as_str()) {
            gaps.push(format!("`{}` is listed twice", statement.id));
        }
    }
    let (mut accepts, mut refuses) = (BTreeSet::new(), BTreeSet::new());
    for vector in vectors {
        let shows = &vector.policy;
        for id in shows.accepts.iter().chain(&shows.refuses) {
            if !known.contains(id.as_str()) {
                gaps.push(format!("vector `{}` names `{id}`, which is not listed", vector.id));
            }
        }
        accepts.extend(shows.accepts.iter().map(String::as_str));
        refuses.extend(shows.refuses.iter().map(String::as_str));
    }
    for Statement { id, text, elsewhere } in statements {
        let sides =
            [("accepts", &accepts, &elsewhere.accepts), ("refuses", &refuses, &elsewhere.refuses)];
        for (side, shown, reason) in sides {
            match (shown.contains(id.as_str()), reason) {
                (false, None) => gaps.push(format!("no vector {side} by `{id}`: {text}")),
                (true, Some(_)) => {
                    gaps.push(format!("`{id}` is excused for `{side}`, and yet a vector shows it"));
                }
                _ => {}
            }
        }
    }
    gaps
}
