//! Runs a vector on a runner.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use fief_proto::{Config, UnixTime};
use fief_testkit::server::closed_port;
use serde_json::Value;

use crate::compare::{brief, differences};
use crate::format::{Call, Exchange, Expected, Transport, Vector};
use crate::load::Loaded;
use crate::operation::Operation;
use crate::runner::{Failure, Outcome, Runner, Stage, perform};
use crate::script::{self, Script};
use crate::server;

/// The base URL where there is no server.
const NOWHERE: &str = "http://127.0.0.1:40000";

/// Runs a vector and returns the differences from what it states, one line each.
///
/// A vector that is excepted on this runner must fail: if it passes, that is reported.
pub fn run<R: Runner>(loaded: &Loaded) -> Vec<String> {
    run_with::<R>(loaded, |config| config)
}

/// As [`run`], with a client that remembers verified tokens: each validation that succeeds is
/// repeated, and must then return the same and send nothing.
pub fn run_remembering<R: Runner>(loaded: &Loaded) -> Vec<String> {
    run_in::<R>(loaded, &Manner { adjust: &|config| config, verified_tokens: 100 })
}

/// As [`run`], with a changed configuration: another cryptographic backend for example.
pub fn run_with<R: Runner>(loaded: &Loaded, adjust: impl Fn(Config) -> Config) -> Vec<String> {
    run_in::<R>(loaded, &Manner { adjust: &adjust, verified_tokens: 0 })
}

/// Settings that differ from the vector.
pub(crate) struct Manner<'a> {
    pub adjust: &'a dyn Fn(Config) -> Config,
    /// How many verified tokens the client is to remember.
    pub verified_tokens: usize,
}

fn run_in<R: Runner>(loaded: &Loaded, manner: &Manner<'_>) -> Vec<String> {
    let found = attempt::<R>(loaded, manner).unwrap_or_else(|error| vec![error]);
    match loaded.vector().except.get(R::NAME) {
        None => found,
        Some(_) if !found.is_empty() => Vec::new(),
        Some(reason) => vec![format!("it passes, although it is excepted: {reason}")],
    }
}

fn attempt<R: Runner>(loaded: &Loaded, manner: &Manner<'_>) -> Result<Vec<String>, String> {
    let script = Arc::new(Script::default());
    let transport = loaded.vector().transport;
    let server = match transport {
        Transport::Socket if R::HAS_SOCKETS => Some(server::start(Arc::clone(&script))),
        _ => None,
    };
    let base = match (&server, transport) {
        (Some(server), _) => server.base(),
        (None, Transport::ClosedPort) if R::HAS_SOCKETS => {
            format!("http://127.0.0.1:{}", closed_port())
        }
        _ => NOWHERE.to_owned(),
    };
    let vector = loaded.placed(&base).map_err(|error| error.to_string())?;
    play::<R>(&vector, &script, manner)
}

fn play<R: Runner>(
    vector: &Vector,
    script: &Arc<Script>,
    manner: &Manner<'_>,
) -> Result<Vec<String>, String> {
    let stage = match Stage::of(vector, Arc::clone(script), manner) {
        Ok(stage) => stage,
        Err(failure) => return Ok(vec![format!("the provider: {}", told(&failure))]),
    };
    let mut found = Vec::new();
    let mut runner = None;
    for (index, call) in vector.calls.iter().enumerate() {
        let operation = Operation::parse(&call.operation, &call.arguments)?;
        if let Some(seconds) = call.clock {
            stage.clock.set(UnixTime::from_secs(seconds));
        }
        script.expect(&call.exchanges);
        if runner.is_none() {
            match (R::start(&stage), &operation) {
                (Ok(started), _) => runner = Some(started),
                (Err(failure), Operation::Configure(_)) => {
                    return Ok(check(call, Err(failure), &secrets(vector, call)));
                }
                (Err(failure), _) => return Ok(vec![format!("no client: {}", told(&failure))]),
            }
        }
        let Some(runner) = &runner else { break };
        let before = known(runner);
        let outcome = perform(runner, &operation)?;
        let may_be_beside = R::HAS_SOCKETS && call.exchanges.iter().any(Exchange::is_shared);
        if may_be_beside && stage.script.await_end() {
            await_change(runner, &before);
        }
        let again = manner.verified_tokens > 0 && is_validation(&operation) && outcome.is_ok();
        let mut wrong = check(call, outcome, &secrets(vector, call));
        if again {
            wrong.extend(check(call, perform(runner, &operation)?, &secrets(vector, call)));
        }
        wrong.extend(script.finish());
        found.extend(wrong.into_iter().map(|what| match vector.calls.len() {
            1 => what,
            _ => format!("call {}: {what}", index + 1),
        }));
    }
    Ok(found)
}

/// What is known of the provider, to see that it changes.
fn known<R: Runner>(runner: &R) -> String {
    format!("{:?}", runner.provider())
}

/// Waits until a fetch in the background is recorded.
fn await_change<R: Runner>(runner: &R, before: &str) {
    let patience = Instant::now();
    while known(runner) == before && patience.elapsed() < script::PATIENCE {
        thread::sleep(Duration::from_millis(1));
    }
}

fn is_validation(operation: &Operation) -> bool {
    matches!(operation, Operation::ValidateAccessToken { .. })
}

/// The differences from what the call states.
fn check(call: &Call, outcome: Outcome<Value>, secrets: &[String]) -> Vec<String> {
    match (&call.value, &call.error, outcome) {
        (Some(expected), _, Ok(value)) => differences(expected, &value),
        (_, Some(expected), Err(failure)) => {
            let mut found = check_failure(expected, &failure);
            for secret in secrets {
                if failure.message.contains(secret) || failure.debug.contains(secret) {
                    found.push(format!("the error shows a secret: {}", told(&failure)));
                }
            }
            found
        }
        (_, Some(expected), Ok(value)) => {
            vec![format!("expected `{}`, got {}", named(expected), brief(&value))]
        }
        (.., Err(failure)) => vec![format!("expected a value, got {}", told(&failure))],
        (None, None, Ok(_)) => Vec::new(),
    }
}

fn check_failure(expected: &Expected, failure: &Failure) -> Vec<String> {
    if (&expected.kind, &expected.reason) != (&failure.kind, &failure.reason) {
        return vec![format!("expected `{}`, got {}", named(expected), told(failure))];
    }
    let details = Value::Object(expected.details.clone());
    let mut found = differences(&details, &Value::Object(failure.details.clone()));
    let missing = expected.message_contains.iter().filter(|text| !failure.message.contains(*text));
    found.extend(missing.map(|text| format!("`{text}` is not in: {}", failure.message)));
    found
}

fn named(expected: &Expected) -> String {
    match &expected.reason {
        Some(reason) => format!("{}/{reason}", expected.kind),
        None => expected.kind.clone(),
    }
}

fn told(failure: &Failure) -> String {
    let reason = failure.reason.as_deref().unwrap_or("-");
    format!("`{}/{reason}`: {}", failure.kind, failure.message)
}

/// The secrets that must not be in a message, if they are long enough not to be mistaken for a
/// word.
fn secrets(vector: &Vector, call: &Call) -> Vec<String> {
    let names =
        ["token", "refresh_token", "code", "code_verifier", "nonce", "password", "secret", "state"];
    let mut secrets: Vec<String> = names
        .iter()
        .filter_map(|name| call.arguments.get(*name))
        .chain(call.arguments.get("pending").and_then(|pending| pending.get("code_verifier")))
        .filter_map(|value| value.as_str().map(str::to_owned))
        .chain(vector.config.client_secret.clone())
        .collect();
    secrets.retain(|secret| secret.len() >= 12);
    secrets
}
