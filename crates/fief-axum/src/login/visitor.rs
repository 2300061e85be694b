//! Who sends a request: a person who waits for a page, or a program.

use axum::extract::OriginalUri;
use http::{HeaderMap, Method, header, request::Parts};
use url::{Position, Url};

/// What a site needs to know of a request after its handler has consumed it.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub kind: Kind,
    /// The path to come back to, as the browser sees it: this page, or the page of a form.
    pub back: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A script, a program, an image, a prefetch: it gets the answer of an API.
    Program,
    /// A person who sees a page, after a form or in a frame for example.
    Person,
    /// A person who opens a page, and may be redirected.
    Navigation,
}

impl Visitor {
    /// `prefix` is what a proxy, or the router around this one, has removed from the path.
    pub fn of(parts: &Parts, prefix: &str) -> Self {
        let original = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        let here = original.path_and_query().map_or("/", |path| path.as_str());
        let inner = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        // A nested router sees the prefix alone as its root.
        let is_whole = here.strip_prefix(prefix).is_some_and(|rest| {
            rest == inner || (!rest.starts_with('/') && Some(rest) == inner.strip_prefix('/'))
        });
        let kind = Kind::of(parts);
        let back = match kind {
            Kind::Person if parts.method != Method::GET => form(&parts.headers),
            _ if is_whole => Some(here.to_owned()),
            _ => Some(format!("{prefix}{here}")),
        };
        Self { kind, back: back.unwrap_or_else(|| format!("{prefix}/")) }
    }
}

/// The page of a form, if it is on this host.
fn form(headers: &HeaderMap) -> Option<String> {
    let referer = Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_ours = referer.as_str().split_once("://")?.1.strip_prefix(host)?.starts_with('/');
    is_ours.then(|| referer[Position::BeforePath..Position::AfterQuery].to_owned())
}

impl Kind {
    fn of(parts: &Parts) -> Self {
        let headers = &parts.headers;
        let is = |name: &str, values: &[&str]| {
            headers.get(name).is_none_or(|found| values.iter().any(|value| found == value))
        };
        let sees_it = accepts_html(headers)
            && !headers.contains_key("hx-request")
            && !headers.contains_key("x-requested-with")
            && !is_ahead(headers)
            && is("sec-fetch-mode", &["navigate"])
            && is("sec-fetch-dest", &["document", "iframe", "frame"])
            && parts.method != Method::HEAD;
        match sees_it {
            false => Self::Program,
            true if parts.method == Method::GET && is("sec-fetch-dest", &["document"]) => {
                Self::Navigation
            }
            true => Self::Person,
        }
    }
}

/// Whether a browser fetches a page ahead, before the user has gone to it.
pub(super) fn is_ahead(headers: &HeaderMap) -> bool {
    let names = ["sec-purpose", "x-sec-purpose", "purpose", "x-purpose", "x-moz"];
    names.into_iter().filter_map(|name| headers.get(name)).any(|purpose| {
        let says = |word: &[u8]| {
            purpose.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
        };
        says(b"prefetch") || says(b"preview")
    })
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| {
        value.as_bytes().windows(9).any(|part| part.eq_ignore_ascii_case(b"text/html"))
    })
}
