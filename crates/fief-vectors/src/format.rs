//! The form of a vector: strict, so that a misspelt member is refused instead of ignored.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One vector: a client, the calls made on it, and what each must send, receive and return.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Unique among all vectors of a run.
    pub id: String,
    /// Why this vector exists.
    pub comment: String,
    /// Where the expectation comes from: a section, an RFC, a recording.
    pub source: String,
    /// The statements of `policy.json` that it shows.
    #[serde(default)]
    pub policy: Shows,
    /// The client's configuration.
    pub config: Config,
    /// How requests travel.
    #[serde(default)]
    pub transport: Transport,
    /// What the clock shows, in Unix seconds.
    pub clock: i64,
    /// Documents that the client knows from the start.
    pub provider: Option<Pinned>,
    /// The calls, made one after the other on the same client.
    pub calls: Vec<Call>,
    /// Runners on which it is known to fail, each with the reason.
    #[serde(default)]
    pub except: BTreeMap<String, String>,
}

/// The statements of the policy that a vector shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shows {
    /// Statements that accept this vector's input.
    pub accepts: Vec<String>,
    /// Statements that refuse it.
    pub refuses: Vec<String>,
}

/// How requests travel from a driver to the script.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Through a socket on the loopback interface, `{{base}}`.
    #[default]
    Socket,
    /// Through a custom transport, so that any base URL can be used.
    Script,
    /// To a port on which no server listens.
    ClosedPort,
}

/// The options of a client, named as the methods of its builder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // The names are those of the builder's methods.
pub struct Config {
    pub base_url: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    pub client_authentication: Option<Authentication>,
    /// The private JWK: an object, or a string that is meant to be refused.
    pub encryption_key: Option<Value>,
    pub host: Option<String>,
    pub public_url: Option<String>,
    pub issuer: Option<String>,
    #[serde(default)]
    pub accept_clients: Vec<String>,
    #[serde(default)]
    pub dangerous_accept_any_audience: bool,
    #[serde(default)]
    pub allow_insecure_http: bool,
    pub leeway: Option<u64>,
    pub key_refetch_cooldown: Option<u64>,
    pub keys_due_after: Option<u64>,
    pub keys_expire_after: Option<u64>,
    /// Milliseconds that a driver waits for an exchange.
    pub timeout: Option<u64>,
}

/// How a confidential client names itself at the token endpoint.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// HTTP basic.
    Basic,
    /// In the form.
    Post,
}

/// The arguments of `Provider::from_documents`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Pinned {
    pub discovery: Value,
    pub keys: Value,
    pub fetched_at: i64,
}

/// One call and everything that it causes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The name of the operation.
    pub operation: String,
    /// Its arguments by name.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// Moves the clock before the call.
    pub clock: Option<i64>,
    /// Every request that it sends, in order, each with its answer.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// What it returns: each member named here, with this value; `null` stands for absent.
    pub value: Option<Value>,
    /// Or how it fails.
    pub error: Option<Expected>,
}

/// How a call fails.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The stable name of the error.
    pub kind: String,
    /// Its stable reason, where the kind has reasons.
    pub reason: Option<String>,
    /// Strings that the report of the error and its sources must hold.
    #[serde(default)]
    pub message_contains: Vec<String>,
    /// Further facts: `status`, `oauth_error`, `detail`, `description` and the like.
    #[serde(default)]
    pub details: Map<String, Value>,
}

/// A request that must come, and the answer to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What must be sent.
    pub request: Request,
    /// The answer.
    pub response: Option<Response>,
    /// Or what happens instead of one.
    pub fault: Option<Fault>,
    /// The server closes a kept connection on which this request arrives, once.
    #[serde(default)]
    pub kept_connection_closed: bool,
}

/// What must be sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers by lower-case name; `null` stands for a header that must not be there.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// The whole form, in any order. Without `form` and `json` the body must be empty.
    pub form: Option<BTreeMap<String, String>>,
    /// The whole JSON body.
    pub json: Option<Value>,
}

/// An answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The status, 200 unless stated.
    #[serde(default = "ok")]
    pub status: u16,
    /// Headers by name. `content-type` is `application/json` with `json` unless stated.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, as JSON.
    pub json: Option<Value>,
    /// Or as a string.
    pub body: Option<String>,
    /// Whether the body is sent compressed. The driver decompresses it for the core.
    #[serde(default)]
    pub gzip: bool,
    /// Whether the connection stays open for the next request.
    #[serde(default)]
    pub keep_connection: bool,
}

/// What happens instead of an answer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection is closed before the first byte of an answer.
    Cut,
    /// The connection is closed in the middle of the body.
    CutBody,
    /// Something comes that is not HTTP.
    Garbage,
    /// The connection is refused. Only with the transport `closed_port`.
    Refused,
    /// No answer comes in the time that the configuration allows.
    Stall,
}

impl Exchange {
    /// Whether it fetches a shared document: drivers do so in the background where older keys are
    /// good enough.
    pub(crate) fn is_shared(&self) -> bool {
        self.request.method == "GET" && self.request.path.contains("/.well-known/")
    }
}

impl Fault {
    /// The reason that a driver reports for it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Cut | Self::CutBody => "io",
            Self::Garbage => "invalid_response",
            Self::Refused => "connect",
            Self::Stall => "timeout",
        }
    }
}

fn ok() -> u16 {
    200
}
