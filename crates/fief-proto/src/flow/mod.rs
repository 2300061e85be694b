//! Driving: the contract, a loop that follows it, and the flows.
//!
//! Most programs need none of this: drivers do it for them. Those with a runtime of their own find
//! here what a [`Client`](crate::Client) hands out and how to bring it to its end.

mod contract;
mod drive;
mod finish_login;
mod login;
mod token_request;
mod turn;
mod user_api;
mod validate;

pub use self::{
    contract::{Flow, Input, Step},
    drive::{drive, drive_async},
    finish_login::FinishLogin,
    login::{AuthUrl, Login, LoginRedirect},
    token_request::TokenRequest,
    user_api::UserApi,
    validate::{ValidateAccessToken, ValidateIdToken},
};
pub(crate) use self::{turn::fresh, user_api::Call};
pub use crate::{
    http::{request::Request, response::Response},
    provider::Ticket,
};
