//! Webhooks: the events that Fief sends.

mod event;
mod objects;

use std::{fmt, sync::Arc, time::SystemTime};

use axum::{
    Json,
    body::Bytes,
    extract::{FromRef, FromRequest, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use fief_hyper::{Error, Report, Secret, UnixTime, WebhookError, verify_webhook};
use http::StatusCode;
use serde_json::json;
use tracing::warn;

pub use self::{
    event::Event,
    objects::{
        Client, EmailTemplate, OAuthProvider, Permission, Role, Tenant, User, UserField,
        UserPermission, UserRole,
    },
};

/// The secret of a webhook, which Fief shows once: part of the router's state.
///
/// ```
/// use axum::extract::FromRef;
/// use fief_axum::webhook::WebhookSecret;
///
/// #[derive(Clone)]
/// struct App {
///     secret: WebhookSecret,
/// }
///
/// impl FromRef<App> for WebhookSecret {
///     fn from_ref(app: &App) -> Self {
///         app.secret.clone()
///     }
/// }
/// ```
#[derive(Clone)]
pub struct WebhookSecret {
    secret: Secret,
    clock: Arc<dyn Fn() -> UnixTime + Send + Sync>,
}

impl WebhookSecret {
    /// Of one webhook.
    ///
    /// ```
    /// use axum::{Router, routing::post};
    /// use fief_axum::webhook::{Webhook, WebhookSecret};
    ///
    /// let app: Router = Router::new()
    ///     .route("/webhook", post(async |Webhook(event)| println!("{}", event.event_type())))
    ///     .with_state(WebhookSecret::new("SECRET"));
    /// # let _ = app;
    /// ```
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into(), clock: Arc::new(|| SystemTime::now().into()) }
    }

    /// A clock of your own, for tests.
    ///
    /// ```
    /// use fief_axum::{UnixTime, webhook::WebhookSecret};
    ///
    /// let now = UnixTime::from_secs(1_790_000_000); // when the delivery was recorded
    /// let secret = WebhookSecret::new("SECRET").clock(move || now);
    /// # let _ = secret;
    /// ```
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}

/// A delivery that Fief has signed, not longer ago than five minutes.
///
/// Signature and age are checked on the raw body, before anything is read from it. Within the five
/// minutes a delivery can be replayed, and Fief repeats one that was not answered with success:
/// your handler must be idempotent.
///
/// ```
/// use axum::{Router, routing::post};
/// use fief_axum::webhook::{Event, Webhook, WebhookSecret};
///
/// async fn told(Webhook(event): Webhook) {
///     match event {
///         Event::UserCreated(user) => println!("welcome, {}", user.email),
///         Event::UserDeleted(user) => println!("{} has left", user.id),
///         _ => {}
///     }
/// }
///
/// let app: Router =
///     Router::new().route("/webhook", post(told)).with_state(WebhookSecret::new("SECRET"));
/// # let _ = app;
/// ```
#[derive(Clone, Debug)]
pub struct Webhook(pub Event);

impl<S> FromRequest<S> for Webhook
where
    WebhookSecret: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookRejection> {
        let webhook = WebhookSecret::from_ref(state);
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await.map_err(WebhookRejection::Body)?;
        let now = (webhook.clock)();
        let delivered = verify_webhook(webhook.secret.expose(), &headers, &body, now)
            .map_err(WebhookRejection::Refused)?;
        Ok(Self(Event::from(delivered)))
    }
}

/// Why a delivery is not accepted.
///
/// ```
/// use axum::http::StatusCode;
/// use fief_axum::webhook::{Webhook, WebhookRejection, WebhookSecret};
///
/// // An answer of your own in place of the one that it makes.
/// async fn told(event: Result<Webhook, WebhookRejection>) -> StatusCode {
///     match event {
///         Ok(Webhook(event)) => println!("{}", event.event_type()),
///         Err(rejection) => println!("{rejection}"),
///     }
///     StatusCode::NO_CONTENT
/// }
/// # let app: axum::Router<WebhookSecret> =
/// #     axum::Router::new().route("/", axum::routing::post(told));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// The body can't be read, or is too large.
    Body(BytesRejection),
    /// It is not from Fief, too old or from the future, or not an event.
    Refused(Error),
}

impl IntoResponse for WebhookRejection {
    /// 400 if it is not an event, 403 if it is not from Fief, too old or from the future.
    fn into_response(self) -> Response {
        warn!("{}", Report(&self));
        let error = match self {
            Self::Body(rejection) => return rejection.into_response(),
            Self::Refused(error) => error,
        };
        let (status, code) = match &error {
            Error::Webhook(error) => match error {
                WebhookError::EmptySecret => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
                WebhookError::MalformedBody(_) => (StatusCode::BAD_REQUEST, "malformed_body"),
                _ => (StatusCode::FORBIDDEN, "invalid_signature"),
            },
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        };
        (status, Json(json!({ "error": code }))).into_response()
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(_) => f.write_str("the body of a webhook can't be read"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Body(rejection) => Some(rejection),
            Self::Refused(error) => error.source(),
        }
    }
}
