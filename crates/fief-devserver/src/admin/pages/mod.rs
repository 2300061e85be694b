//! The administration for a person in a browser.
//!
//! These pages ask for no password: whoever reaches the server administers it, and it listens on
//! loopback only. What foreign sites could do through the browser of that person, [`guard`] and a
//! token in each form refuse.

mod clients;
mod desk;
mod guard;
mod id;
mod mails;
mod users;

use axum::{
    Router,
    middleware::from_fn,
    routing::{get, post},
};

use crate::http::{App, redirect};

/// What is under `/admin`.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/admin", get(async || redirect("/admin/")))
        .route("/admin/", get(clients::list))
        .route("/admin/clients/{id}", get(clients::detail))
        .route("/admin/clients/{id}/add-redirect-uri", post(clients::add_redirect_uri))
        .route("/admin/clients/{id}/remove-redirect-uri", post(clients::remove_redirect_uri))
        .route("/admin/users", get(users::list))
        .route("/admin/users/{id}", get(users::detail))
        .route("/admin/users/{id}/grant", post(users::grant))
        .route("/admin/users/{id}/revoke", post(users::revoke))
        .route("/admin/mails", get(mails::list))
        .route_layer(from_fn(guard::keep_foreign_sites_out))
}
