use fief_transport_tests::{Driver, Failure, transport_tests};

use super::*;

impl Driver for Http {
    fn new(options: &TransportOptions, _http1_only: bool) -> Result<Self, Failure> {
        Self::new(options).map_err(|error| Failure::new(error.reason(), &error))
    }

    fn send(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, Failure> {
        self.send(request, body_limit).map_err(|error| Failure::new(error.reason(), &error))
    }
}

transport_tests!(Http);
