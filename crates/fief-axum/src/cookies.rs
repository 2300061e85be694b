//! Reading the cookies of a request.
//!
//! Byte by byte, because a cookie of somebody else's with a letter outside ASCII must not hide ours.

use http::{HeaderMap, header};

/// Every cookie, name and value, as sent.
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

/// The first cookie of this name.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    all(headers).find(|(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn foreign_bytes_hide_nothing() {
        let mut headers = HeaderMap::new();
        let value = b"x=\xff\xc3; =; ;lonely; token = a=b ;token=c".as_slice();
        headers.append(header::COOKIE, HeaderValue::from_bytes(value).unwrap());
        headers.append(header::COOKIE, HeaderValue::from_static("other=d"));
        assert_eq!(find(&headers, "token"), Some(b"a=b".as_slice()));
        assert_eq!(find(&headers, "other"), Some(b"d".as_slice()));
        assert_eq!(find(&headers, "lonely"), None);
        assert_eq!(all(&headers).count(), 5);
    }
}
