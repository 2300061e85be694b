//! The sans-IO core of the Fief client.

mod secret;
mod transport_options;

pub use self::{
    secret::Secret,
    transport_options::{ClientCertificate, Proxy, Roots, TransportOptions},
};
