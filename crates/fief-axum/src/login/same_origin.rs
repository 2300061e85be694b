//! Whether this site itself has asked, told by what browsers send along.

use http::{HeaderMap, HeaderValue, header};
use url::Url;

/// Refuses what a browser was made to send by another site.
///
/// `Sec-Fetch-Site` says it plainly; older browsers send `Origin`, which must then be this host or
/// the one of the redirect URI. What sends neither is no browser, and has no cookies that another
/// site could use.
pub(super) fn is_same_origin(headers: &HeaderMap, redirect_uri: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
    let Some(origin) = origin.filter(Url::has_host) else {
        return false;
    };
    let host = headers.get(header::HOST).and_then(|host: &HeaderValue| host.to_str().ok());
    let asked = host.and_then(|host| Url::parse(&format!("{}://{host}/", origin.scheme())).ok());
    let ours = Url::parse(redirect_uri).ok();
    [asked, ours].into_iter().flatten().any(|url| url.origin() == origin.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_site_counts() {
        let cases: [(&[(&str, &str)], bool); 14] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://www.example.com")], false),
            (&[("origin", "https://www.example.com")], true),
            (&[("origin", "https://www.example.com:444")], false),
            (&[("origin", "http://www.example.com")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "http://127.0.0.1:8000"), ("host", "127.0.0.1:8000")], true),
            (&[("origin", "http://127.0.0.1:8001"), ("host", "127.0.0.1:8000")], false),
            (&[("origin", "https://evil.example"), ("host", "evil.example@x")], false),
        ];
        for (pairs, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            let found = is_same_origin(&headers, "https://www.example.com/callback");
            assert_eq!(found, expected, "{pairs:?}");
        }
    }
}
