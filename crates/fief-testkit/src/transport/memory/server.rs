//! A server that sends correct documents, and one bad answer.

use super::{
    Call, Case, Operation,
    answers::{Answer, good},
};
use crate::server::{Server, Then, ok};

pub(super) fn serve(answer: Answer) -> Case {
    let Answer { name, operation, say, timeout, outcome } = answer;
    let server = Server::start(None, move |turn, stream| {
        let asked = match turn.target().1 {
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
    let call = Call { base_url: server.base(), operation, timeout };
    Case { name, call, outcome, _server: server }
}
