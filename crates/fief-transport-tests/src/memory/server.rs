//! A server that sends correct documents, and one bad answer.

use super::{Call, Case, ISSUER, Operation, answers::Answer};
use crate::server::{Server, Then, ok};

pub(super) fn serve(answer: Answer) -> Case {
    let Answer { name, operation, say, timeout, outcome } = answer;
    let server = Server::start(None, move |turn, stream| {
        let asked = match turn.line().split(' ').nth(1).unwrap() {
            path if path.ends_with("/openid-configuration") => Operation::Discovery,
            path if path.ends_with("/jwks.json") => Operation::Keys,
            _ => Operation::Userinfo,
        };
        if asked == operation {
            say(stream);
            return Then::Close;
        }
        let _ = stream.write_all(ok(&good(asked)).as_bytes());
        Then::Keep
    });
    let base_url = format!("http://127.0.0.1:{}", server.port);
    Case { name, call: Call { base_url, operation, timeout }, outcome }
}

pub(super) fn good(operation: Operation) -> String {
    match operation {
        Operation::Discovery => format!(
            r#"{{"issuer": "{ISSUER}", "authorization_endpoint": "{ISSUER}/authorize",
                "token_endpoint": "{ISSUER}/api/token", "userinfo_endpoint": "{ISSUER}/userinfo",
                "jwks_uri": "{ISSUER}/.well-known/jwks.json"}}"#
        ),
        Operation::Keys => r#"{"keys": []}"#.to_owned(),
        Operation::Userinfo => r#"{"sub": "anne"}"#.to_owned(),
    }
}
