//! Whether another site made a browser send a request, judged by the request's headers.

use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use url::Url;

/// The origins whose pages may make a browser send our cookies with requests that change something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    /// As browsers write them in `Origin`.
    named: Vec<String>,
    /// Every origin is trusted.
    any: bool,
}

impl Origins {
    /// Adds the origin of this URL; false if it is none.
    pub fn add(&mut self, url: &str) -> bool {
        let origin = Url::parse(url).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
        self.named.extend(origin.iter().map(url::Origin::ascii_serialization));
        origin.is_some()
    }

    pub fn allow_any(&mut self) {
        self.any = true;
    }

    /// Whether the cookies of a request count. Those of a safe method always do; an upgrade to a
    /// WebSocket is not safe.
    pub fn allow(&self, parts: &Parts) -> bool {
        let is_safe =
            matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
                && !parts.headers.contains_key(header::UPGRADE);
        is_safe
            || self.any
            || matches!(site(&parts.headers), Some(b"same-origin" | b"none"))
            || self.is_named(&parts.headers)
    }

    /// Whether a sign-out is accepted. A page of this site may send `Origin: null` or none at all;
    /// for other sites that do, `SameSite` keeps the cookie out.
    pub fn allow_sign_out(&self, headers: &HeaderMap) -> bool {
        if self.any || self.is_named(headers) {
            return true;
        }
        match site(headers) {
            Some(b"cross-site" | b"same-site") => false,
            Some(b"same-origin") => true,
            _ => headers.get(header::ORIGIN).is_none_or(|origin| origin == "null"),
        }
    }

    fn is_named(&self, headers: &HeaderMap) -> bool {
        let origin = headers.get(header::ORIGIN);
        origin.is_some_and(|origin| self.named.iter().any(|named| origin == named.as_str()))
    }
}

fn site(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get("sec-fetch-site").map(HeaderValue::as_bytes)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    fn parts(method: &str, headers: Headers) -> Parts {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn ours() -> Origins {
        let mut origins = Origins::default();
        assert!(origins.add("https://www.example.com:443/callback"));
        assert!(origins.add("http://app.example.com:8000"));
        assert!(!origins.add("data:text/html,x"));
        origins
    }

    #[test]
    fn what_changes_something_comes_from_this_site() {
        let cases: [(&str, Headers, bool); 16] = [
            ("GET", &[], true),
            ("GET", &[("sec-fetch-site", "cross-site")], true),
            ("GET", &[("upgrade", "websocket")], false),
            ("GET", &[("upgrade", "websocket"), ("origin", "https://evil.example")], false),
            ("GET", &[("upgrade", "websocket"), ("origin", "https://www.example.com")], true),
            ("POST", &[], false),
            ("POST", &[("sec-fetch-site", "same-origin")], true),
            ("POST", &[("sec-fetch-site", "none")], true),
            ("POST", &[("sec-fetch-site", "same-site")], false),
            ("DELETE", &[("sec-fetch-site", "cross-site")], false),
            ("POST", &[("origin", "https://www.example.com")], true),
            ("POST", &[("origin", "http://app.example.com:8000")], true),
            ("POST", &[("origin", "https://www.example.com:444")], false),
            ("POST", &[("origin", "https://www.example.com.evil.example")], false),
            ("POST", &[("origin", "null")], false),
            ("CONNECT", &[("origin", "https://evil.example")], false),
        ];
        for (method, headers, expected) in cases {
            let parts = parts(method, headers);
            assert_eq!(ours().allow(&parts), expected, "{method} {headers:?}");
        }
        let mut any = ours();
        any.allow_any();
        assert!(any.allow(&parts("POST", &[])));
    }

    #[test]
    fn another_site_can_not_sign_a_user_out() {
        let cases: [(Headers, bool); 10] = [
            (&[], true),
            (&[("origin", "null")], true),
            (&[("origin", "https://www.example.com")], true),
            (&[("origin", "https://evil.example")], false),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://other.name")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "null")], false),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://app.example.com:8000")], true),
        ];
        for (headers, expected) in cases {
            let parts = parts("POST", headers);
            assert_eq!(ours().allow_sign_out(&parts.headers), expected, "{headers:?}");
        }
    }
}
