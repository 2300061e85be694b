use fief_testkit::{
    transport::{Driver, Failure},
    transport_tests,
};
use fief_transport::internals::Names;

use super::*;

impl Driver for Http {
    fn new(
        options: &TransportOptions,
        base_url: &str,
        names: Option<Names>,
    ) -> Result<Self, Failure> {
        let mut connector =
            Connector::new(options, base_url).map_err(|error| Failure::new(&error))?;
        if let Some(names) = names {
            connector.names = names;
        }
        Ok(Self::with_connector(options, &connector))
    }

    fn exchange(
        &self,
        endpoint: Endpoint,
        request: http::Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response, Failure> {
        self.exchange(endpoint, &request, body_limit).map_err(|error| Failure::new(&error))
    }
}

transport_tests!(Http);
