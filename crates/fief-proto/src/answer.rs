//! The first look at an answer: its status and its size.

use std::sync::Arc;

use http::StatusCode;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    Cause, Endpoint, Error, ProviderError, RequestError, Response, ResponseError, Secret,
    error::ResponseFault, request::body_limit,
};

/// The body of a success, wiped on drop. `secrets` are those that were sent.
pub(crate) fn body(
    endpoint: Endpoint,
    response: Response,
    secrets: &[Secret],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if !response.status().is_success() {
        let mut response = response;
        let error = RequestError::read(endpoint, &response, secrets);
        response.body_mut().zeroize();
        return Err(Error::Request(Box::new(error)));
    }
    let body = Zeroizing::new(response.into_body());
    let limit = body_limit(endpoint);
    if body.len() > limit {
        return Err(ResponseError::new(endpoint, ResponseFault::TooLarge { limit }).into());
    }
    Ok(body)
}

/// What a shared document says, from what an attempt has brought.
pub(crate) fn document<T>(
    endpoint: Endpoint,
    outcome: Result<Response, Cause>,
    parse: impl FnOnce(&[u8]) -> Result<T, ProviderError>,
) -> Result<T, Error> {
    let response = outcome.map_err(|cause| ProviderError::Unreachable { endpoint, cause })?;
    let (status, limit) = (response.status(), body_limit(endpoint));
    if !status.is_success() {
        let error = RequestError::read(endpoint, &response, &[]);
        return Err(ProviderError::Refused(Arc::new(error)).into());
    }
    if status != StatusCode::OK {
        return Err(ProviderError::Status { endpoint, status: status.as_u16() }.into());
    }
    if response.body().len() > limit {
        return Err(ProviderError::TooLarge { endpoint, limit }.into());
    }
    Ok(parse(response.body())?)
}
