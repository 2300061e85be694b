//! The two drivers, as programs open them: their operations are those of the vectors' runners.

use fief_proto::{AuthorizationRequest, Config, Error, LoginRedirect};
use fief_transport::{Proxy, TransportOptions};
use fief_vectors::runner::Operations;

pub use fief_vectors::runner::{Hyper, Ureq};

pub trait Driver: Operations + Sized {
    fn open(config: Config) -> Self;

    /// With randomness of the driver's own.
    fn login(&self, request: AuthorizationRequest) -> Result<LoginRedirect, Error>;
}

impl Driver for Ureq {
    fn open(config: Config) -> Self {
        let builder = fief_ureq::Fief::builder(config).transport_options(direct());
        Self { fief: builder.build().unwrap() }
    }

    fn login(&self, request: AuthorizationRequest) -> Result<LoginRedirect, Error> {
        self.fief.login(request)
    }
}

impl Driver for Hyper {
    fn open(config: Config) -> Self {
        let builder = fief_hyper::Fief::builder(config).transport_options(direct());
        Self::of(builder.build().unwrap()).unwrap()
    }

    fn login(&self, request: AuthorizationRequest) -> Result<LoginRedirect, Error> {
        self.run(self.fief.login(request))
    }
}

/// The server is on this machine, whatever proxy the environment names.
fn direct() -> TransportOptions {
    TransportOptions { proxy: Proxy::None, ..TransportOptions::default() }
}
