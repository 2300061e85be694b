//! A browser that keeps cookies and follows nothing by itself.

use std::collections::BTreeMap;

use axum::{Router, body::Body};
use http::{Method, Request, header};

use super::{Answer, Upstream, send};

#[derive(Clone, Default)]
pub struct Browser {
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub async fn get(&mut self, site: &Router, url: &str) -> Answer {
        self.ask(site, Method::GET, url, &[("accept", "text/html")]).await
    }

    pub async fn ask(
        &mut self,
        site: &Router,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(url);
        if !self.cookies.is_empty() {
            let pairs: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = send(site, request.body(Body::empty()).unwrap()).await;
        self.take(&answer);
        answer
    }

    /// Keeps what an answer sets, as browsers do.
    pub fn take(&mut self, answer: &Answer) {
        for set in answer.headers.get_all(header::SET_COOKIE) {
            assert!(set.len() <= 4096, "no browser keeps {} bytes", set.len());
            let set = set.to_str().unwrap();
            let (pair, attributes) = set.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// A whole login; the answer is that of the callback.
    pub async fn sign_in(&mut self, site: &Router, upstream: &Upstream, login: &str) -> Answer {
        let begun = self.get(site, login).await;
        assert_eq!(begun.status, 303, "{begun:?}");
        let query = upstream.sign_in(begun.header("location"));
        self.get(site, &format!("/callback?{query}")).await
    }

    /// Sends a form of the site itself.
    pub async fn post(&mut self, site: &Router, url: &str) -> Answer {
        let headers = [
            ("accept", "text/html"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        self.ask(site, Method::POST, url, &headers).await
    }

    pub fn session(&self) -> Option<&String> {
        let session = |name: &&String| name.contains("fief-") && !name.ends_with("-login");
        self.cookies.get(self.cookies.keys().find(session)?)
    }
}
