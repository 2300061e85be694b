//! The first look at an answer: its status and its size.

use http::StatusCode;

use super::endpoint::{Endpoint, body_limit};
use crate::base::secret::{Wiped, wipe};
use crate::error::{
    Error,
    refusal::Refusal,
    response::{ResponseError, ResponseFault},
};

/// A complete answer of the server: status, headers, and the body after decompression.
pub type Response = http::Response<Vec<u8>>;

/// The body of a success, wiped on drop.
pub(crate) fn body(endpoint: Endpoint, mut response: Response) -> Result<Wiped, Error> {
    if !response.status().is_success() {
        let refusal = Refusal::read(endpoint, &response);
        wipe(response.body_mut());
        return Err(refusal.into());
    }
    let body = Wiped::from(response.into_body());
    let limit = body_limit(endpoint);
    if body.len() > limit {
        return Err(ResponseError::new(endpoint, ResponseFault::TooLarge { limit }).into());
    }
    Ok(body)
}

/// A shared document. A success of another status than 200 is none.
pub(crate) fn document(endpoint: Endpoint, response: Response) -> Result<Vec<u8>, Error> {
    let status = response.status();
    if status.is_success() && status != StatusCode::OK {
        let fault = ResponseFault::Status(status.as_u16());
        return Err(ResponseError::new(endpoint, fault).into());
    }
    body(endpoint, response).map(Wiped::take)
}
