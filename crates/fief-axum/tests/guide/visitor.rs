/// A person with a browser, which keeps cookies and follows nothing by itself.
#[derive(Clone, Default)]
struct Visitor {
    cookies: std::collections::BTreeMap<String, String>,
}

/// What the browser shows, or where it is sent.
struct Seen {
    status: u16,
    location: String,
    body: String,
}

impl Visitor {
    async fn get(&mut self, site: &axum::Router, url: &str) -> Seen {
        self.ask(site, "GET", url, &[]).await
    }

    /// A form of the site's own, sent.
    async fn post(&mut self, site: &axum::Router, url: &str) -> Seen {
        self.ask(site, "POST", url, &[("sec-fetch-site", "same-origin")]).await
    }

    async fn ask(
        &mut self,
        site: &axum::Router,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Seen {
        use tower::ServiceExt as _;
        let pairs: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = axum::http::Request::builder().method(method).uri(url);
        for (name, value) in
            [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("cookie", &pairs.join("; "))]
        {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response =
            site.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let (pair, attributes) = set.to_str().unwrap().split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location =
            response.headers().get("location").map(|url| url.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Seen { status, location: location.unwrap_or_default(), body }
    }

    /// Signs in as Anne, from a path of the site that leads to the login, and comes back.
    async fn sign_in(&mut self, site: &axum::Router, path: &str) -> Seen {
        let sent = self.get(site, path).await;
        let sent = if sent.location.contains("/login?") {
            self.get(site, &sent.location).await
        } else {
            sent
        };
        let (anne, password) = ("anne@bretagne.duchy", "hermine-tincture-1488");
        let callback = fief_devserver::sign_in(&sent.location, anne, password).unwrap();
        let callback = callback.strip_prefix("http://localhost:8000").unwrap();
        self.get(site, callback).await
    }
}
