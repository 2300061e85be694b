//! Access tokens that were verified a moment ago: the same token needs no second signature check.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

use sha2::{Digest as _, Sha256};

use crate::{
    AccessTokenError, AccessTokenInfo, Client, Provider, Requirements, Secret, TokenFault,
    UnixTime, ValidateAccessToken,
    flow::fresh,
    token::{LONGEST_TOKEN, Source, Validity},
};

/// The most that one token may take in memory, in bytes. What claims more is verified each time.
const LARGEST_ENTRY: usize = 8 * 1024;

/// A bounded memory of verified access tokens, for one client.
///
/// It holds SHA-256 digests and claims, no token: who steals it can't sign in with it. A token is
/// given only while it is valid (`exp`, `nbf`, `iat`; where the client's leeway decides, the whole
/// validation does), while discovery document and keys are fresh, and while issuer and keys are
/// those that it was verified with; if these change, all is forgotten. What the request asks of the
/// token is checked at each use.
///
/// It is a plain value without a lock or a clock. Ask it first, and tell it what came of it:
///
/// ```
/// # use fief_proto::{
/// #     AccessTokenInfo, Client, Error, Flow as _, HashedToken, Input, Provider, Requirements, Step,
/// #     UnixTime, VerifiedTokens,
/// # };
/// # fn validate(
/// #     client: &Client, known: &mut VerifiedTokens, provider: &Provider, now: UnixTime,
/// #     token: &str, requirements: &Requirements,
/// # ) -> Result<AccessTokenInfo, Error> {
/// let token = HashedToken::new(token);
/// if let Some(outcome) = known.validate(&token, requirements, provider, now) {
///     return Ok(outcome?);
/// }
/// let mut flow = client.validate_access_token(token.as_str(), requirements);
/// let Step::Done(info) = flow.resume(provider, now, Input::Go)? else {
///     todo!("send, learn and resume, as with any flow")
/// };
/// known.keep(&token, &flow, &info, now);
/// Ok(info)
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
    /// The entries by age, for a second chance: the oldest goes, unless it was used meanwhile.
    queue: VecDeque<[u8; 32]>,
}

struct Entry {
    /// Without the token.
    info: AccessTokenInfo,
    validity: Validity,
    used: bool,
}

impl Entry {
    /// Without leeway, so that nothing is given from its `exp` on.
    fn check(&self, now: UnixTime) -> Result<(), TokenFault> {
        self.validity.check(Duration::ZERO, now)
    }
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

    /// What a validation of this token would give, if it is known; else the flow has to be driven.
    pub fn validate(
        &mut self,
        token: &HashedToken<'_>,
        requirements: &Requirements,
        provider: &Provider,
        now: UnixTime,
    ) -> Option<Result<AccessTokenInfo, AccessTokenError>> {
        let (metadata, keys) = fresh(&self.client, provider, now)?;
        if self.source != Some(Source::new(metadata, keys)) {
            self.clear();
            return None;
        }
        let entry = self.entries.get_mut(&token.digest)?;
        entry.check(now).ok()?;
        entry.used = true;
        let info = with_token(&entry.info, Secret::from(token.text));
        Some(requirements.check(&info).map(|()| info))
    }

    /// Keeps what the flow has found, in place of an older entry if there are too many.
    ///
    /// Nothing is kept if token, flow and outcome do not belong together, if the flow is of another
    /// client, or if the claims are very many.
    pub fn keep(
        &mut self,
        token: &HashedToken<'_>,
        flow: &ValidateAccessToken<'_>,
        info: &AccessTokenInfo,
        now: UnixTime,
    ) {
        let Some((source, validity)) = flow.verification(&self.client, token.text) else {
            return;
        };
        let fits = info.access_token.expose() == token.text && size(info) <= LARGEST_ENTRY;
        if !fits || self.capacity == 0 {
            return;
        }
        if self.source != Some(source) {
            self.clear();
            self.source = Some(source);
        }
        let info = with_token(info, Secret::from(""));
        let entry = Entry { info, validity, used: false };
        if self.entries.insert(token.digest, entry).is_none() {
            self.queue.push_back(token.digest);
            self.shrink(now);
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

    /// Ends after one round at the latest: nobody has a second chance left then.
    fn shrink(&mut self, now: UnixTime) {
        while self.entries.len() > self.capacity {
            let Some(oldest) = self.queue.pop_front() else {
                return;
            };
            match self.entries.get_mut(&oldest) {
                Some(entry) if entry.used && entry.check(now).is_ok() => {
                    entry.used = false;
                    self.queue.push_back(oldest);
                }
                _ => {
                    self.entries.remove(&oldest);
                }
            }
        }
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

/// A token and its SHA-256, by which [`VerifiedTokens`] knows it.
#[derive(Clone, Copy)]
pub struct HashedToken<'a> {
    text: &'a str,
    digest: [u8; 32],
}

impl<'a> HashedToken<'a> {
    /// Hashes the whole token, signature included. What is too long to be a token is not read.
    pub fn new(token: &'a str) -> Self {
        let read = if token.len() > LONGEST_TOKEN { "" } else { token };
        Self { text: token, digest: Sha256::digest(read.as_bytes()).into() }
    }

    /// The token itself.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// A number that is the same for the same token and evenly spread over all tokens, for those
    /// who share the work out among several memories.
    pub fn spread(&self) -> u8 {
        let [first, ..] = self.digest;
        first
    }
}

impl fmt::Debug for HashedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedToken([redacted])")
    }
}

fn with_token(info: &AccessTokenInfo, token: Secret) -> AccessTokenInfo {
    AccessTokenInfo {
        id: info.id,
        scope: info.scope.clone(),
        acr: info.acr,
        permissions: info.permissions.clone(),
        access_token: token,
        expires_at: info.expires_at,
    }
}

/// What an entry takes, in bytes, give or take what the allocator adds.
fn size(info: &AccessTokenInfo) -> usize {
    let texts = info.scope.iter().chain(&info.permissions);
    texts.map(|text| size_of::<String>() + text.len()).sum()
}
