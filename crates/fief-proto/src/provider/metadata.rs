//! The discovery document (OpenID Connect Discovery 1.0 section 3), as far as it is used.

use http::uri::PathAndQuery;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    base::json::Object,
    config::{
        base_url::{BaseUrl, same_host, without_credentials},
        settings::Settings,
    },
    error::{
        Error,
        provider::ProviderError,
        response::{ResponseError, ResponseFault},
    },
    http::endpoint::Endpoint,
    oauth::authorization_request::PROTOCOL_PARAMETERS,
};

/// What the flows need to know of the provider. A value of this type has passed every check.
///
/// Endpoints of the back channel are kept as paths: they are joined with the configured origin when
/// they are used, so that no document can send a secret anywhere else.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub issuer: String,
    /// SHA-256 of the issuer.
    pub fingerprint: [u8; 32],
    /// Where browsers go; the user's `public_url` is already in it.
    pub authorization_endpoint: Url,
    pub token_endpoint: PathAndQuery,
    pub jwks_uri: PathAndQuery,
    pub userinfo_endpoint: PathAndQuery,
    /// Whether callbacks name the issuer (RFC 9207).
    pub announces_iss: bool,
    /// Whether the code challenge method `S256` is supported, as far as the server says (RFC 8414).
    pub supports_s256: bool,
}

impl Metadata {
    pub(crate) fn parse(document: &[u8], settings: &Settings) -> Result<Self, Error> {
        let malformed = |error| ResponseError::new(Endpoint::Discovery, ResponseFault::Json(error));
        let object = Object::parse(document).map_err(malformed)?;
        let string = |name| object.required::<String>(name, "a string").map_err(malformed);

        let issuer = string("issuer")?;
        let issuer_url = check_issuer(&issuer, settings)?;
        let endpoint = |name: &'static str| -> Result<PathAndQuery, Error> {
            let found = string(name)?;
            BaseUrl::path_of(&found).ok_or_else(|| {
                ProviderError::Endpoint { name, found: without_credentials(&found) }.into()
            })
        };
        let methods: Option<Vec<String>> = object
            .optional("code_challenge_methods_supported", "a list of strings")
            .map_err(malformed)?;
        Ok(Self {
            authorization_endpoint: authorization_endpoint(
                &string("authorization_endpoint")?,
                issuer_url.as_ref(),
                settings,
            )?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            userinfo_endpoint: endpoint("userinfo_endpoint")?,
            announces_iss: object
                .optional("authorization_response_iss_parameter_supported", "true or false")
                .map_err(malformed)?
                .unwrap_or(false),
            supports_s256: methods.is_none_or(|methods| methods.iter().any(|name| name == "S256")),
            fingerprint: Sha256::digest(issuer.as_bytes()).into(),
            issuer,
        })
    }
}

/// The issuer as a URL, where it is one.
///
/// Fief always announces `https`, also where it is reached over `http`. Here hosts are compared;
/// the issuer in tokens is later compared as a string.
fn check_issuer(issuer: &str, settings: &Settings) -> Result<Option<Url>, ProviderError> {
    let mismatch = |expected: &str| ProviderError::IssuerMismatch {
        expected: expected.to_owned(),
        found: without_credentials(issuer),
    };
    if let Some(stated) = &settings.issuer {
        return if stated == issuer { Ok(Url::parse(issuer).ok()) } else { Err(mismatch(stated)) };
    }
    let url = Url::parse(issuer).map_err(|_| mismatch(settings.base.as_str()))?;
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let may_be_http = settings.base.is_loopback() || settings.insecure_http;
    let fits = |base: &BaseUrl| {
        let base = base.url();
        let scheme_fits = url.scheme() == base.scheme() || (url.scheme() == "https" && may_be_http);
        same_host(&url, base)
            && scheme_fits
            && url.path().trim_end_matches('/') == base.path().trim_end_matches('/')
    };
    if is_plain && settings.bases().any(fits) {
        Ok(Some(url))
    } else {
        Err(mismatch(settings.base.as_str()))
    }
}

/// Where a user may be sent: the one endpoint that is used as discovered, hence the checks.
fn authorization_endpoint(
    found: &str,
    issuer: Option<&Url>,
    settings: &Settings,
) -> Result<Url, ProviderError> {
    let refused =
        |why| ProviderError::AuthorizationEndpoint { found: without_credentials(found), why };
    let base = settings.base.url();
    if found.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(refused("holds a space, a backslash or a control character"));
    }
    let url = Url::parse(found).map_err(|_| refused("is not an absolute URL"))?;
    match url.scheme() {
        "https" => {}
        "http" if base.scheme() == "http" => {}
        "http" => {
            return Err(refused(
                "is http although the base URL is https; behind a proxy, tell Fief to trust it \
                 with `FORWARDED_ALLOW_IPS`",
            ));
        }
        _ => return Err(refused("is neither http nor https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("holds credentials"));
    }
    if url.fragment().is_some() {
        return Err(refused("holds a fragment"));
    }
    let mut known = settings.bases().map(BaseUrl::url).chain(issuer);
    if !known.any(|known| same_host(&url, known)) {
        return Err(refused("is on another host than the issuer and the base URL"));
    }
    if url.query_pairs().any(|(name, _)| PROTOCOL_PARAMETERS.contains(&name.as_ref())) {
        return Err(refused("already holds a parameter of the protocol"));
    }
    Ok(match &settings.public {
        Some(public) => public.moved_from(&settings.base, &url),
        None => url,
    })
}
