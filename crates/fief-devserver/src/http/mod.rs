//! HTTP: from a connection to a handler and back.

mod answer;
mod app;
mod body;
mod connection;
pub(crate) mod cookies;
mod faulty;
pub(crate) mod host;
mod input;
mod router;
mod tenant;

pub(crate) use self::{
    answer::{Refusal, json, redirect},
    app::{App, Shared},
    body::{Form, Parameters, Query},
    connection::serve,
    cookies::{Cookies, Waiting},
    faulty::Tampering,
    host::Host,
    input::{Input, RedirectUris},
    tenant::InTenant,
};
