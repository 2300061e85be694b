//! HTTP: from a connection to a handler and back.

mod answer;
mod app;
mod body;
mod connection;
pub(crate) mod cookies;
mod cors;
mod faulty;
mod gzip;
pub(crate) mod host;
mod json_body;
mod malformed_json;
mod methods;
mod router;
mod tenant;

pub(crate) use self::{
    answer::{Refusal, json, redirect, to_login},
    app::{App, Shared},
    body::{Form, Parameters, Query},
    connection::serve,
    cookies::{Cookies, Waiting},
    faulty::Tampering,
    host::Host,
    json_body::JsonBody,
    tenant::InTenant,
};
