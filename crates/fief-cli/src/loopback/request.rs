//! Whether a request is the awaited callback.

use fief_ureq::Secret;
use url::form_urlencoded;

/// The most headers that are read.
const MOST_HEADERS: usize = 128;

/// What the callback of this sign-in looks like.
pub(crate) struct Expected {
    pub host: String,
    pub path: String,
    pub state: Secret,
}

pub(super) enum Verdict {
    /// The query of the right callback: with a code, a denial, or neither. It is final.
    Answer(Secret),
    /// The right path without the right state, or not HTTP.
    Bad,
    /// Another path, another method, or another name for this machine: a page of another site that
    /// had its name resolve here (DNS rebinding) comes with its own name.
    Elsewhere,
}

impl Expected {
    /// Whether the query holds the state of this sign-in. Compares in constant time.
    pub fn is_answered_by(&self, query: &str) -> bool {
        form_urlencoded::parse(query.as_bytes())
            .any(|(name, value)| name == "state" && Secret::from(value.as_ref()) == self.state)
    }
}

/// Judges the head of a request. Nothing of it is shown anywhere.
pub(super) fn judge(head: &[u8], expected: &Expected) -> Verdict {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(head), Ok(httparse::Status::Complete(_))) {
        return Verdict::Bad;
    }
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_callback = request.method == Some("GET")
        && path == expected.path
        && has_only_host(request.headers, &expected.host);
    if !is_callback {
        Verdict::Elsewhere
    } else if expected.is_answered_by(query) {
        Verdict::Answer(query.into())
    } else {
        Verdict::Bad
    }
}

fn has_only_host(headers: &[httparse::Header<'_>], expected: &str) -> bool {
    let mut hosts = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
    let host = hosts.next().map(|header| header.value);
    host.is_some_and(|host| host.eq_ignore_ascii_case(expected.as_bytes()))
        && hosts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_callback_of_this_sign_in_counts() {
        let get = "GET /callback?code=c&state=right HTTP/1.1\r\nHost: localhost:51562\r\n\r\n";
        assert_eq!(judged(get), "code=c&state=right");
        let denied = get.replace("code=c", "error=access_denied");
        assert_eq!(judged(&denied), "error=access_denied&state=right");
        assert_eq!(judged(&get.replace("code=c&", "")), "state=right", "final, and an error");
        assert_eq!(judged(&get.replace("right", "%72ight")), "code=c&state=%72ight");
        assert_eq!(judged(&get.replace("Host: localhost", "hOST: LocalHost")), judged(get));

        for (what, wrong) in [
            ("state", get.replace("right", "wrong")),
            ("length of state", get.replace("right", "righ")),
            ("state absent", get.replace("&state=right", "")),
            ("state elsewhere", get.replace("state", "estate")),
            ("query absent", get.replace("?code=c&state=right", "")),
            ("HTTP", "\u{16}\u{3}\u{1}\r\n\r\n".to_owned()),
            ("version", get.replace("HTTP/1.1", "HTTP/2.0")),
            ("header", get.replace("Host:", "Host")),
            ("end", get.replace("\r\n\r\n", "\r\n")),
            ("number of headers", get.replace("\r\n\r\n", &"\r\na: b".repeat(200))),
        ] {
            assert_eq!(judged(&wrong), "bad", "wrong {what}");
        }
        for (what, wrong) in [
            ("method", get.replace("GET", "POST")),
            ("method", get.replace("GET", "HEAD")),
            ("method", get.replace("GET", "get")),
            ("path", get.replace("/callback", "/callback/")),
            ("path", get.replace("/callback", "/Callback")),
            ("path", get.replace("/callback", "/x/../callback")),
            ("path", get.replace("/callback", "/%63allback")),
            ("form", get.replace("/callback", "http://localhost:51562/callback")),
            ("host", get.replace("localhost", "rebound.example")),
            ("host", get.replace("localhost:51562", "localhost")),
            ("host", get.replace("localhost", "127.0.0.1")),
            ("host", get.replace("\r\n\r\n", "\r\nHost: rebound.example:51562\r\n\r\n")),
            ("host", get.replace("Host", "X-Forwarded-Host")),
        ] {
            assert_eq!(judged(&wrong), "elsewhere", "wrong {what}");
        }
    }

    fn judged(head: &str) -> String {
        let expected = Expected {
            host: "localhost:51562".to_owned(),
            path: "/callback".to_owned(),
            state: "right".into(),
        };
        match judge(head.as_bytes(), &expected) {
            Verdict::Answer(query) => query.expose().to_owned(),
            Verdict::Bad => "bad".to_owned(),
            Verdict::Elsewhere => "elsewhere".to_owned(),
        }
    }
}
