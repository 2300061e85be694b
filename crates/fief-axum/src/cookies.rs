//! Cookies: reading those of a request, and writing ours.
//!
//! They are read as bytes, so that a cookie of another application with a character outside of
//! ASCII does not hide ours.

use http::{HeaderMap, HeaderValue, header};

/// The cookie of this name, if there is exactly one. If there are two, a sibling domain may have
/// set either.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut found = all(headers).filter(|(found, _)| *found == name.as_bytes());
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

/// Name and value of each cookie.
pub(crate) fn all(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at(at);
            Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
        })
}

/// The value of `Set-Cookie`, for so many seconds. Zero seconds and an empty value remove the
/// cookie.
pub(crate) fn set(name: &str, value: &str, max_age: u64) -> HeaderValue {
    // Over plain http, browsers refuse a cookie with the prefix or the attribute.
    let secure = if name.starts_with(SECURE_PREFIX) { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age}{secure}");
    let mut value = HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The prefix of names that plain http and sibling domains can't set.
pub(crate) const SECURE_PREFIX: &str = "__Host-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_bytes_hide_nothing_and_of_two_none_counts() {
        let mut headers = HeaderMap::new();
        let value = b"x=\xff\xc3; =; ;lonely; token = a=b ;twice=c; twice=c".as_slice();
        headers.append(header::COOKIE, HeaderValue::from_bytes(value).unwrap());
        headers.append(header::COOKIE, HeaderValue::from_static("other=d"));
        assert_eq!(find(&headers, "token"), Some(b"a=b".as_slice()));
        assert_eq!(find(&headers, "other"), Some(b"d".as_slice()));
        assert_eq!(find(&headers, "lonely"), None);
        assert_eq!(find(&headers, "twice"), None);
    }

    #[test]
    fn cookies_are_out_of_reach() {
        let header = set("__Host-name", "value", 60);
        let cookie = header.to_str().unwrap();
        assert!(cookie.starts_with("__Host-name=value; "), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=60"] {
            assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}
