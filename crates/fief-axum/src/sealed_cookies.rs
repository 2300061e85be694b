//! The cookies that we set: encrypted, and out of reach of scripts.

use std::fmt;

use cookie::{Cookie, CookieJar, Key, SameSite, time::Duration as CookieDuration};
use http::{HeaderMap, HeaderValue, header};

use crate::{SetupError, cookies};

/// The key with which cookies and stored sessions are encrypted.
///
/// Whoever has it can sign in as anyone. Make 32 random bytes once, keep them with your other
/// secrets, and give them to every process of the application.
#[derive(Clone)]
pub struct CookieKey(Key);

impl CookieKey {
    /// From a secret of at least 32 random bytes; a sentence is none.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn new(secret: &[u8]) -> Result<Self, SetupError> {
        if secret.len() < 32 {
            return Err(SetupError::new("the cookie key is shorter than 32 bytes"));
        }
        Ok(Self(Key::derive_from(secret)))
    }

    /// A new one, which ends with the process.
    pub(crate) fn random() -> Result<Self, SetupError> {
        let no_randomness = || SetupError::new("the operating system gives no randomness");
        Key::try_generate().map(Self).ok_or_else(no_randomness)
    }
}

impl fmt::Debug for CookieKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieKey([redacted])")
    }
}

/// Makes and reads the cookies of one application.
#[derive(Clone, Debug)]
pub(crate) struct SealedCookies {
    key: CookieKey,
    secure: bool,
}

impl SealedCookies {
    pub fn new(key: CookieKey, secure: bool) -> Self {
        Self { key, secure }
    }

    /// The name as the browser knows it. The prefix keeps sibling domains and plain http from
    /// setting the cookie (RFC 6265bis section 4.1.3.2).
    pub fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// Encrypts a text. It opens under this name only.
    pub fn seal(&self, name: &str, text: &str) -> String {
        let mut jar = CookieJar::new();
        jar.private_mut(&self.key.0).add(Cookie::new(name.to_owned(), text.to_owned()));
        jar.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
    }

    /// Decrypts what was sealed under this name.
    pub fn open(&self, name: &str, sealed: &str) -> Option<String> {
        let cookie = Cookie::new(name.to_owned(), sealed.to_owned());
        let opened = CookieJar::new().private(&self.key.0).decrypt(cookie)?;
        Some(opened.value().to_owned())
    }

    /// The text of a cookie of the request.
    pub fn read(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let name = self.name(name);
        let sealed = std::str::from_utf8(cookies::find(headers, &name)?).ok()?;
        self.open(&name, sealed)
    }

    /// `Set-Cookie` for so many seconds.
    pub fn set(&self, name: &str, text: &str, max_age: u64) -> HeaderValue {
        let name = self.name(name);
        let sealed = self.seal(&name, text);
        self.header(name, sealed, max_age)
    }

    /// `Set-Cookie` that takes a cookie away.
    pub fn take_away(&self, name: &str) -> HeaderValue {
        self.header(self.name(name), String::new(), 0)
    }

    /// Adds `Set-Cookie` to an answer, which then is nobody else's.
    pub fn attach(headers: &mut HeaderMap, cookie: HeaderValue) {
        headers.append(header::SET_COOKIE, cookie);
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }

    fn header(&self, name: String, sealed: String, max_age: u64) -> HeaderValue {
        let max_age = CookieDuration::seconds(i64::try_from(max_age).unwrap_or(i64::MAX));
        let cookie = Cookie::build((name, sealed))
            .http_only(true)
            .max_age(max_age)
            .path("/")
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .build();
        // Base64 and names of our own: always a header.
        HeaderValue::from_str(&cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_under_its_own_name_only() {
        let cookies = SealedCookies::new(CookieKey::new(&[7; 32]).unwrap(), true);
        let sealed = cookies.seal("one", "text");
        assert_eq!(cookies.open("one", &sealed).as_deref(), Some("text"));
        assert_eq!(cookies.open("two", &sealed), None);
        assert_eq!(cookies.open("one", "text"), None);
        assert_eq!(cookies.open("one", ""), None);
        let other = SealedCookies::new(CookieKey::new(&[8; 32]).unwrap(), true);
        assert_eq!(other.open("one", &sealed), None);
    }

    #[test]
    fn cookies_are_out_of_reach() {
        let cookies = SealedCookies::new(CookieKey::new(&[7; 32]).unwrap(), true);
        let header = cookies.set("name", "text", 60);
        let text = header.to_str().unwrap();
        assert!(text.starts_with("__Host-name="), "{text}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=60"] {
            assert!(text.split("; ").any(|part| part == attribute), "{attribute}: {text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(CookieKey::new(&[7; 31]).is_err());
        assert_eq!(format!("{:?}", CookieKey::new(&[7; 32]).unwrap()), "CookieKey([redacted])");
    }
}
