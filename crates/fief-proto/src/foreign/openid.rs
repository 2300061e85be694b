//! The examples of OpenID Connect Core 1.0 that hold an ID token, through a whole exchange of a
//! code: 3.1.3.3 and appendix A.
//!
//! The request object of 6.1 runs among the signed examples of the RFCs: it is no ID token, but
//! signed with RS256 by a key that the same section states.
//!
//! Left out:
//! - A.1 and A.5, which hold no ID token; A.6, of which no copy was at hand to check its octets by:
//!   its ID token has the hashes of A.3 and A.4 in one.
//! - 3.2.2.5 and 3.3.2.5, whose ID tokens are printed without their middle.
//! - 2, 5.2, 5.3.2, 5.6 and 7: claims without a signature; 5.6.2 has placeholders for its tokens.
//! - The other sections: requests, and answers without a token.

use serde_json::Value;

use super::{config, examples, exchange, provider, string};
use crate::{Config, UnixTime, UserInfo, is_valid_hash};

/// Within the lifetime of the examples.
const NOW: UnixTime = UnixTime::from_secs(1_311_281_000);

#[test]
fn each_is_accepted() {
    for example in examples("openid") {
        let source = string(&example, "source");
        let user = exchanged(&example);
        assert_eq!(user.as_ref().map(|user| user.sub.as_str()), Ok("248289761001"), "{source}");
    }
}

/// 3.1.3.3 is of an issuer of plain `http`, which is another one than that of appendix A.
#[test]
fn the_issuer_is_looked_at() {
    let mut example = examples("openid").swap_remove(0);
    assert_eq!(example["issuer"], "http://server.example.com");
    example["issuer"] = Value::Null;
    assert_eq!(exchanged(&example).unwrap_err(), "wrong_issuer");
}

/// A.3 with another access token, and A.4 with another code.
#[test]
fn the_hashes_are_looked_at() {
    let [_, _, third, fourth] = &mut examples("openid")[..] else { panic!("other examples") };
    third["access_token"] = "ANOTHER".into();
    assert_eq!(exchanged(third).unwrap_err(), "wrong_hash");
    fourth["code"] = "ANOTHER".into();
    assert_eq!(exchanged(fourth).unwrap_err(), "wrong_hash");
}

#[test]
fn hashes() {
    let [_, _, third, fourth] = &examples("openid")[..] else { panic!("other examples") };
    assert!(is_valid_hash(string(third, "access_token"), "77QmUPtjPfzWtF2AnpK9RQ"));
    assert!(is_valid_hash(string(fourth, "code"), "LDktKdoQak3Pk0cnXxCltA"));
}

fn exchanged(example: &Value) -> Result<UserInfo, &'static str> {
    let config = match example["issuer"].as_str() {
        Some(issuer) => Config::new(issuer, "s6BhdRkqt3").allow_insecure_http(),
        None => config("s6BhdRkqt3"),
    };
    let client = config.build().unwrap();
    exchange(&client, &provider(&client, "openid_a7", NOW), NOW, example)
}
