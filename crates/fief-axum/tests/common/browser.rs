//! A browser that keeps cookies and follows nothing by itself.

use axum::{Router, body::Body};
use fief_testkit::browser::Cookies;
use http::{Method, Request, header};

use super::{Answer, Upstream, send};

#[derive(Clone, Default)]
pub struct Browser {
    pub cookies: Cookies,
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
        if let Some(cookies) = self.cookies.header() {
            request = request.header(header::COOKIE, cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = send(site, request.body(Body::empty()).unwrap()).await;
        self.take(&answer);
        answer
    }

    /// Keeps what an answer sets.
    pub fn take(&mut self, answer: &Answer) {
        let set = answer.headers.get_all(header::SET_COOKIE);
        let set = set.iter().map(|set| set.to_str().unwrap());
        self.cookies.keep(set.inspect(|set| assert!(set.contains("; "), "kept for what? {set}")));
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
