//! Base URLs, and which URLs belong to them.

use http::{Uri, uri::PathAndQuery};
use url::{Host, Url};

/// A base URL of Fief that was checked: `http` or `https`, a host, a path without a slash at its
/// end, and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    url: Url,
    /// The URL as a string, without a slash at its end.
    string: String,
    /// Scheme, host and port.
    origin: Uri,
}

impl BaseUrl {
    pub(crate) fn parse(string: &str) -> Result<Self, &'static str> {
        if string.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err("holds a space, a backslash or a control character");
        }
        let mut url = Url::parse(string).map_err(|_| "is not an absolute URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("is neither http nor https");
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("has no host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds credentials, which belong elsewhere");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("holds a query or a fragment");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let string = url.as_str().trim_end_matches('/').to_owned();
        let origin: Uri = url
            .origin()
            .ascii_serialization()
            .parse()
            .map_err(|_| "has a host that can't be requested")?;
        let base = Self { url, string, origin };
        base.own_path("/").ok_or("has a path that can't be requested")?;
        Ok(base)
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.string
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// A path of Fief's own API, under the path of this URL.
    pub(crate) fn own_path(&self, path: &str) -> Option<PathAndQuery> {
        format!("{}{path}", self.url.path().trim_end_matches('/')).parse().ok()
    }

    /// The path and query of a discovered endpoint. Its host is dropped: it is never called.
    pub(crate) fn path_of(endpoint: &str) -> Option<PathAndQuery> {
        let url = Url::parse(endpoint).ok()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()).parse().ok(),
            None => url.path().parse().ok(),
        }
    }

    /// This URL's scheme, host and port with a path.
    pub(crate) fn uri(&self, path: &PathAndQuery) -> Uri {
        let mut parts = self.origin.clone().into_parts();
        parts.path_and_query = Some(path.clone());
        // Scheme, authority and path are there: such a URI can't be refused.
        Uri::from_parts(parts).unwrap_or_else(|_| self.origin.clone())
    }

    /// A URL under `base`, moved to this one with what follows the path of `base`.
    pub(crate) fn moved_from(&self, base: &Self, url: &Url) -> Url {
        let mut moved = self.url.clone();
        let base_path = base.url.path().trim_end_matches('/');
        let rest = url.path().strip_prefix(base_path).filter(|rest| rest.starts_with('/'));
        match rest {
            Some(rest) => {
                moved.set_path(&format!("{}{rest}", self.url.path().trim_end_matches('/')));
            }
            None => moved.set_path(url.path()),
        }
        moved.set_query(url.query());
        moved
    }
}

/// Whether the URL's host is this machine by name or address. Such hosts count as one.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        // Also `::ffff:127.0.0.1`.
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// Whether two URLs name the same host and port. A port that is the default of its own scheme
/// counts as none, so that `http://fief` and `https://fief` are one host.
pub(crate) fn same_host(a: &Url, b: &Url) -> bool {
    a.port() == b.port() && (a.host() == b.host() || (is_loopback(a) && is_loopback(b)))
}

/// How much of a foreign URL is kept for a message, in characters.
const LONGEST_SHOWN: usize = 300;

/// A URL fit for a message: without credentials, which may hold a password, and cut short.
pub(crate) fn without_credentials(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, rest)) => {
            let scheme = before.split_once("//").map_or("", |(scheme, _)| scheme);
            let scheme: String = scheme.chars().take(LONGEST_SHOWN).collect();
            let rest: String = rest.chars().take(LONGEST_SHOWN).collect();
            format!("{scheme}//[redacted]@{rest}")
        }
        None => url.chars().take(LONGEST_SHOWN).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        for string in ["https://fief.example/tenant", "https://fief.example/tenant/"] {
            let base = BaseUrl::parse(string).unwrap();
            assert_eq!(base.as_str(), "https://fief.example/tenant");
            let uri = base.uri(&base.own_path("/api/profile").unwrap());
            assert_eq!(uri, "https://fief.example/tenant/api/profile");
        }
        assert_eq!(
            BaseUrl::parse("http://localhost:8000/").unwrap().as_str(),
            "http://localhost:8000"
        );
    }

    #[test]
    fn this_machine_has_many_names() {
        for host in [
            "localhost",
            "LocalHost",
            "localhost.",
            "fief.localhost",
            "a.fief.localhost.",
            "127.0.0.1",
            "127.9.9.9",
            "127.1",
            "0x7f000001",
            "2130706433",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            let url = Url::parse(&format!("http://{host}:8000")).unwrap();
            assert!(is_loopback(&url), "{host}");
        }
        for host in [
            "localhost.example",
            "notlocalhost",
            "127.0.0.1.example",
            "0.0.0.0",
            "[::]",
            "128.0.0.1",
            "[::ffff:10.0.0.1]",
            "localhost..",
        ] {
            let Ok(url) = Url::parse(&format!("http://{host}:8000")) else { continue };
            assert!(!is_loopback(&url), "{host}");
        }
    }

    #[test]
    fn odd_base_urls_are_refused() {
        for string in [
            "",
            "fief.example",
            "//fief.example",
            "ftp://fief.example",
            "mailto:a@b",
            "https://",
            "https://a:b@fief.example",
            "https://fief.example?a",
            "https://fief.example#a",
            "https://fief.example/\n",
            "https://fief.example\\x",
            "http://[::1",
            "http://a b",
        ] {
            assert!(BaseUrl::parse(string).is_err(), "{string:?}");
        }
    }

    #[test]
    fn a_discovered_endpoint_never_changes_the_host() {
        let base = BaseUrl::parse("https://fief.example:8443/tenant").unwrap();
        for endpoint in [
            "https://evil.example/api/token",
            "http://evil.example//evil.example/x",
            "https://fief.example@evil.example/x",
            "https://evil.example/%2e%2e//x?y#z",
        ] {
            let uri = base.uri(&BaseUrl::path_of(endpoint).unwrap());
            assert_eq!(uri.authority().unwrap(), "fief.example:8443", "{endpoint}");
            assert_eq!(uri.scheme_str(), Some("https"));
        }
        for endpoint in ["", "/api/token", "mailto:x", "javascript:alert(1)", "https://"] {
            assert!(BaseUrl::path_of(endpoint).is_none(), "{endpoint}");
        }
    }

    #[test]
    fn the_public_url_takes_the_place_of_the_base_url() {
        let base = BaseUrl::parse("http://localhost:8000/tenant").unwrap();
        let public = BaseUrl::parse("https://example.com/auth").unwrap();
        let moved = |url: &str| public.moved_from(&base, &Url::parse(url).unwrap()).to_string();
        assert_eq!(
            moved("http://x/tenant/authorize?a=b"),
            "https://example.com/auth/authorize?a=b"
        );
        assert_eq!(moved("http://x/authorize"), "https://example.com/authorize");
        assert_eq!(moved("http://x/tenants/authorize"), "https://example.com/tenants/authorize");
    }
}
