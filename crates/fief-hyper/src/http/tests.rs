use fief_transport_tests::{Driver, Failure, transport_tests};
use tokio::runtime::{Builder, Runtime};

use super::*;

struct Blocking {
    http: Http,
    runtime: Runtime,
}

impl Driver for Blocking {
    fn new(options: &TransportOptions, http1_only: bool) -> Result<Self, Failure> {
        let http =
            Http::new(options, http1_only).map_err(|error| Failure::new(error.reason(), &error))?;
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Ok(Self { http, runtime })
    }

    fn send(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let outcome = self.runtime.block_on(async {
            let outcome = self.http.send(request, body_limit).await;
            // A task of hyper's puts the connection back for the next request.
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
            outcome
        });
        outcome.map_err(|error| Failure::new(error.reason(), &error))
    }
}

transport_tests!(Blocking);
