//! The first look at an answer to a flow's own request.

use zeroize::Zeroizing;

use crate::{
    Endpoint, Error, RequestError, Response, ResponseError, Secret, error::ResponseFault,
    request::body_limit,
};

/// The body of a success, wiped on drop. `secrets` are those that were sent.
pub(crate) fn body(
    endpoint: Endpoint,
    response: Response,
    secrets: &[Secret],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if !response.status().is_success() {
        let error = RequestError::read(endpoint, &response, secrets);
        return Err(Error::Request(Box::new(error)));
    }
    let body = Zeroizing::new(response.into_body());
    let limit = body_limit(endpoint);
    if body.len() > limit {
        return Err(ResponseError::new(endpoint, ResponseFault::TooLarge { limit }).into());
    }
    Ok(body)
}
