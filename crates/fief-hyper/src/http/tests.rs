use fief_testkit::{
    transport::{Driver, Failure},
    transport_tests,
};
use fief_transport::internals::{Names, system_names};
use tokio::runtime::{Builder, Runtime};

use super::*;

struct Blocking {
    http: Http,
    runtime: Runtime,
}

impl Driver for Blocking {
    fn new(
        options: &TransportOptions,
        base_url: &str,
        names: Option<Names>,
    ) -> Result<Self, Failure> {
        let names = names.unwrap_or_else(system_names);
        let connector = Connector::with_names(options, base_url, names)
            .map_err(|error| Failure::new(&error))?;
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Ok(Self { http: Http::with_connector(options, connector), runtime })
    }

    fn exchange(
        &self,
        endpoint: Endpoint,
        request: http::Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response, Failure> {
        let outcome = self.runtime.block_on(async {
            let outcome = self.http.exchange(endpoint, request, body_limit).await;
            // A task of hyper's puts the connection back for the next request.
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
            outcome
        });
        outcome.map_err(|error| Failure::new(&error))
    }
}

transport_tests!(Blocking);
