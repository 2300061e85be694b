//! The documentation page of an API that is described with utoipa.

use axum::Router;
use fief_hyper::Fief;
use utoipa::openapi::{
    OpenApi,
    security::{AuthorizationCode, Flow, OAuth2, Scopes, SecurityScheme},
};
use utoipa_swagger_ui::{Config, SwaggerUi, oauth};

/// The name of the scheme, for `security(("OAuth2AuthorizationCodeBearer" = ["openid"]))` at a
/// path: the one that the FastAPI integration has.
pub const SECURITY_SCHEME: &str = "OAuth2AuthorizationCodeBearer";

/// The documentation of an API under `path`, `/docs` for example: Swagger UI with its Authorize
/// button, the client ID filled in and `openid` ticked. The description itself is at
/// `/openapi.json`.
///
/// Register `PATH/oauth2-redirect.html` as a redirect URI of the client. A confidential client asks
/// for its secret there; a public one, for the documentation alone, does not:
///
/// ```
/// use axum::Router;
/// use fief_axum::{Config, Fief, docs};
/// use utoipa::OpenApi;
///
/// #[utoipa::path(get, path = "/castles",
///     security(("OAuth2AuthorizationCodeBearer" = ["openid"])))]
/// async fn castles() {}
///
/// #[derive(OpenApi)]
/// #[openapi(paths(castles))]
/// struct Api;
///
/// # fn main() -> Result<(), fief_axum::Error> {
/// let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let app: Router = docs::documentation(&fief, Api::openapi(), "/docs");
/// # Ok(())
/// # }
/// ```
pub fn documentation(fief: &Fief, mut api: OpenApi, path: &str) -> Router {
    let path = path.trim_end_matches('/');
    add_security_scheme(fief, &mut api);
    let button = oauth::Config::new()
        .client_id(fief.client().client_id())
        .scopes(vec!["openid".into()])
        .use_pkce_with_authorization_code_grant(true);
    let description = match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/openapi.json"),
        None => "/openapi.json".to_owned(),
    };
    let page = SwaggerUi::new(path.to_owned())
        .url(description.clone(), api)
        .config(Config::from(description))
        .oauth(button);
    Router::new().merge(page)
}

/// Adds the authorization code flow of a Fief tenant to a description, for another user interface.
pub fn add_security_scheme(fief: &Fief, api: &mut OpenApi) {
    let base = public_base(fief);
    let scopes = [("openid", "who you are"), ("offline_access", "also when you are not there")];
    let flow = Flow::AuthorizationCode(AuthorizationCode::new(
        format!("{base}/authorize"),
        format!("{base}/api/token"),
        scopes.into_iter().collect::<Scopes>(),
    ));
    api.components
        .get_or_insert_default()
        .add_security_scheme(SECURITY_SCHEME, SecurityScheme::OAuth2(OAuth2::new([flow])));
}

/// The base URL that browsers see: the logout URL begins with it.
fn public_base(fief: &Fief) -> String {
    let url = fief.logout_url("https://here.invalid/").unwrap_or_default();
    let base = url.split_once("/logout?").map(|(base, _)| base.to_owned());
    base.unwrap_or_else(|| fief.client().base_url().to_owned())
}
