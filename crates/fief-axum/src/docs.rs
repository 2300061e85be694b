//! The Authorize button of an API's documentation.

use utoipa::{
    Modify,
    openapi::{
        OpenApi,
        security::{AuthorizationCode, Flow, OAuth2, Scopes, SecurityScheme},
    },
};

/// The name of the scheme, for `security(("OAuth2AuthorizationCodeBearer" = ["openid"]))` at a
/// path: the one that the FastAPI integration has.
pub const SECURITY_SCHEME: &str = "OAuth2AuthorizationCodeBearer";

/// Adds the authorization-code flow of a Fief tenant to an OpenAPI document: Swagger UI then shows
/// its Authorize button.
///
/// Register `…/docs/oauth2-redirect` (or wherever the user interface has its page for it) as a
/// redirect URI of the client.
///
/// ```
/// use fief_axum::docs::AuthorizationCodeScheme;
/// use utoipa::{Modify, OpenApi};
///
/// #[utoipa::path(get, path = "/castles",
///     security(("OAuth2AuthorizationCodeBearer" = ["openid"])))]
/// async fn castles() {}
///
/// #[derive(OpenApi)]
/// #[openapi(paths(castles))]
/// struct Api;
///
/// let mut api = Api::openapi();
/// AuthorizationCodeScheme::new("https://example.fief.dev")
///     .scope("openid", "who you are")
///     .scope("offline_access", "without you")
///     .modify(&mut api);
/// assert!(api.to_json().unwrap().contains("https://example.fief.dev/api/token"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a scheme does nothing until it modifies a document"]
pub struct AuthorizationCodeScheme {
    base_url: String,
    scopes: Vec<(String, String)>,
}

impl AuthorizationCodeScheme {
    /// Of the tenant at this base URL, as browsers reach it.
    pub fn new(base_url: &str) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), scopes: Vec::new() }
    }

    /// A scope to choose from, and what it is for.
    pub fn scope(mut self, scope: impl Into<String>, about: impl Into<String>) -> Self {
        self.scopes.push((scope.into(), about.into()));
        self
    }
}

impl Modify for AuthorizationCodeScheme {
    fn modify(&self, document: &mut OpenApi) {
        let Self { base_url, scopes } = self;
        let flow = Flow::AuthorizationCode(AuthorizationCode::new(
            format!("{base_url}/authorize"),
            format!("{base_url}/api/token"),
            scopes.iter().cloned().collect::<Scopes>(),
        ));
        document
            .components
            .get_or_insert_default()
            .add_security_scheme(SECURITY_SCHEME, SecurityScheme::OAuth2(OAuth2::new([flow])));
    }
}
