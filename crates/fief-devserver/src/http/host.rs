//! Where a request went: host and tenant.

use std::{collections::HashMap, convert::Infallible};

use axum::{
    extract::{FromRequestParts, Path},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts, uri::Authority},
    response::Response,
};
use serde_json::json;
use url::Host as Name;
use uuid::Uuid;

use super::{
    answer::{Refusal, json as answer},
    app::App,
};
use crate::store::{Store, Tenant};

/// `host:port`, as the browser, or a proxy in front of this server, names it.
pub(crate) struct Host {
    shown: String,
    /// Whether the connection itself was made to a name of this machine.
    pub(crate) is_own: bool,
}

impl Host {
    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.shown)
    }

    /// A redirect to the login page of that tenant. 307, as on the real server, so that a form is
    /// sent again there.
    pub(crate) fn to_login(&self, prefix: &str) -> Response {
        let body = json!({"detail": "Temporary Redirect"});
        let mut response = answer(StatusCode::TEMPORARY_REDIRECT, &body);
        if let Ok(location) = HeaderValue::from_str(&format!("{}{prefix}/login", self.origin())) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

impl FromRequestParts<App> for Host {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let host = header("x-forwarded-host").or_else(|| header(header::HOST.as_str()));
        let shown = host.unwrap_or(app.domain()).to_owned();
        Ok(Self { shown, is_own: names_this_machine(&parts.headers) })
    }
}

/// Whether the `Host` header names this machine, or an address. Any other name may be that of a
/// foreign site, whose DNS points here to read the answers (DNS rebinding).
pub(crate) fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Ok(authority) = host.parse::<Authority>() else { return false };
    match Name::parse(authority.host()) {
        Ok(Name::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Name::Ipv4(_) | Name::Ipv6(_)) => true,
        Err(_) => false,
    }
}

/// The tenant that the path names: the default one, or one by its slug in front.
pub(crate) struct InTenant(Uuid);

impl InTenant {
    pub(crate) fn id(&self) -> Uuid {
        self.0
    }

    /// Tenants are never removed while the server runs, so that the fallback to the default one is
    /// never used.
    pub(crate) fn of<'a>(&self, store: &'a Store) -> &'a Tenant {
        store.tenant_by_id(self.0).unwrap_or(&store.default_tenant)
    }
}

impl FromRequestParts<App> for InTenant {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let path = path.map_err(|_| Refusal::NOT_FOUND)?;
        let slug = path.get("tenant").map(String::as_str);
        if slug == Some("") {
            return Err(Refusal::NOT_FOUND);
        }
        let store = app.store();
        store.tenant(slug).map(|tenant| Self(tenant.id)).ok_or(Refusal::BAD_REQUEST)
    }
}
