//! The memory of verified tokens, compared with a validation without it.

use fief_proto::{
    Error, Provider, Requirements, UnixTime, VerifiedTokens,
    flow::{Flow as _, Input, Step},
};

use super::place::Place;
use crate::secrets;

/// Small enough that tokens replace each other.
const CAPACITY: usize = 2;

pub struct Memory {
    place: Place,
    tokens: VerifiedTokens,
}

impl Memory {
    pub fn new(place: Place) -> Self {
        Self { place, tokens: VerifiedTokens::new(place.client(), CAPACITY) }
    }

    /// Its answer must be that of a validation, at this moment and with the current provider.
    pub fn check(
        &mut self,
        token: &str,
        requirements: &Requirements,
        provider: &Provider,
        now: UnixTime,
    ) {
        let known = self.tokens.validate(token, requirements, provider, now);
        let mut flow = self.place.client().validate_access_token(token, requirements);
        let found = flow.resume(provider, now, Input::Go);
        match (known, found) {
            (None, Ok(Step::Done(info))) => {
                self.tokens.keep(&flow, &info);
                let known = self.tokens.validate(token, requirements, provider, now);
                assert!(known.is_none_or(|known| known.is_ok_and(|known| known == info)));
            }
            (None, _) => {}
            (Some(Ok(known)), Ok(Step::Done(info))) => {
                assert_eq!(known, info);
                assert!(known.expires_at >= now, "remembered past its end");
            }
            (Some(Err(known)), Err(Error::AccessToken(found))) => {
                assert_eq!(format!("{known:?}"), format!("{found:?}"));
            }
            (Some(known), found) => panic!("remembered {known:?}, found {found:?}"),
        }
        assert!(self.tokens.len() <= CAPACITY);
        secrets::check_debug(&self.tokens);
    }
}
