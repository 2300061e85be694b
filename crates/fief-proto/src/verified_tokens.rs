//! Access tokens that were verified a moment ago: the same token needs no second signature check.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

use sha2::{Digest as _, Sha256};

use crate::{
    base::{
        secret::{Secret, TokenRef},
        time::UnixTime,
    },
    claims::{
        access_token::AccessTokenInfo,
        requirements::Requirements,
        validity::{Source, Validity},
    },
    client::Client,
    error::token::AccessTokenError,
    flow::{ValidateAccessToken, fresh},
    jose::LONGEST_ACCESS_TOKEN,
    provider::Provider,
};

/// The greatest memory that one token may use, in bytes. A token that needs more is verified each
/// time.
const LARGEST_ENTRY: usize = 8 * 1024;

/// A bounded memory of verified access tokens, for one client.
///
/// It holds SHA-256 digests and claims, no token: whatever reads it can't sign in with it. A token
/// is found only while it is valid (`exp`, `nbf`, `iat`; where the client's leeway decides, the
/// whole validation does), while discovery document and keys are fresh, and while issuer and keys
/// are those that it was verified with; if these change, all is forgotten. What the request asks of
/// the token is checked at each use.
///
/// It is a plain value without a lock or a clock. Ask it first, and tell it the outcome:
///
/// ```
/// # use fief_proto::{
/// #     AccessTokenInfo, Client, Error, Provider, Requirements, UnixTime, VerifiedTokens,
/// #     flow::{Flow as _, Input, Step},
/// # };
/// # fn validate(
/// #     client: &Client, known: &mut VerifiedTokens, provider: &Provider, now: UnixTime,
/// #     token: &str, requirements: &Requirements,
/// # ) -> Result<Option<AccessTokenInfo>, Error> {
/// if let Some(outcome) = known.validate(token, requirements, provider, now) {
///     return Ok(Some(outcome?));
/// }
/// let mut flow = client.validate_access_token(token, requirements);
/// let Step::Done(info) = flow.resume(provider, now, Input::Go)? else {
///     return Ok(None); // here: send, learn and resume, as with any flow
/// };
/// known.keep(&flow, &info);
/// Ok(Some(info))
/// # }
/// ```
///
/// A validation is as good as the keys at hand, cached or not: a user who was deleted or has lost a
/// permission keeps a valid token until it expires.
pub struct VerifiedTokens {
    client: Client,
    capacity: usize,
    /// What the entries were verified with.
    source: Option<Source>,
    entries: BTreeMap<[u8; 32], Entry>,
    /// The entries by age: the oldest goes first.
    queue: VecDeque<[u8; 32]>,
}

struct Entry {
    /// Without the token.
    info: AccessTokenInfo,
    validity: Validity,
}

impl VerifiedTokens {
    /// An empty memory for so many tokens of this client. Each takes up to 8 KiB, most some hundred
    /// bytes.
    pub fn new(client: &Client, capacity: usize) -> Self {
        Self {
            client: client.clone(),
            capacity,
            source: None,
            entries: BTreeMap::new(),
            queue: VecDeque::new(),
        }
    }

    /// What a validation of this token would return, if the token is known; else the flow has to be
    /// driven.
    pub fn validate<'a>(
        &mut self,
        token: impl Into<TokenRef<'a>>,
        requirements: &Requirements,
        provider: &Provider,
        now: UnixTime,
    ) -> Option<Result<AccessTokenInfo, AccessTokenError>> {
        let token = token.into().expose();
        let (metadata, keys) = fresh(self.client.settings(), provider, now)?;
        if self.source != Some(Source::new(metadata, keys)) {
            self.clear();
            return None;
        }
        let entry = self.entries.get(&digest(token)?)?;
        // Without leeway, so that no token is found from its `exp` on.
        entry.validity.check(Duration::ZERO, now).ok()?;
        let info = with_token(&entry.info, token);
        Some(requirements.check(&info).map(|()| info))
    }

    /// Keeps what the flow has found, in place of the oldest entry if there are too many.
    ///
    /// `info` is what the flow returned, unchanged: later validations return it again. Nothing is
    /// kept if it is of another token, if the flow is of another client, or if the claims are very
    /// many.
    pub fn keep(&mut self, flow: &ValidateAccessToken<'_>, info: &AccessTokenInfo) {
        let token = info.access_token.expose();
        let (Some((source, validity)), Some(digest)) =
            (flow.verification(self.client.settings(), token), digest(token))
        else {
            return;
        };
        if size(info) > LARGEST_ENTRY || self.capacity == 0 {
            return;
        }
        if self.source != Some(source) {
            self.clear();
            self.source = Some(source);
        }
        let entry = Entry { info: with_token(info, ""), validity };
        if self.entries.insert(digest, entry).is_none() {
            self.queue.push_back(digest);
        }
        if self.entries.len() > self.capacity
            && let Some(oldest) = self.queue.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }

    /// How many tokens are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn clear(&mut self) {
        self.source = None;
        self.entries.clear();
        self.queue.clear();
    }
}

impl fmt::Debug for VerifiedTokens {
    /// Without the claims, which say who uses the program.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// What a token is known by: the SHA-256 of all of it, signature included. What is too long to be a
/// token is not read.
fn digest(token: &str) -> Option<[u8; 32]> {
    (token.len() <= LONGEST_ACCESS_TOKEN).then(|| Sha256::digest(token.as_bytes()).into())
}

fn with_token(info: &AccessTokenInfo, token: &str) -> AccessTokenInfo {
    AccessTokenInfo {
        id: info.id,
        scope: info.scope.clone(),
        acr: info.acr,
        permissions: info.permissions.clone(),
        access_token: Secret::from(token),
        expires_at: info.expires_at,
    }
}

/// What an entry takes, in bytes, give or take what the allocator adds.
fn size(info: &AccessTokenInfo) -> usize {
    let strings = info.scope.iter().chain(&info.permissions);
    strings.map(|string| size_of::<String>() + string.len()).sum()
}
