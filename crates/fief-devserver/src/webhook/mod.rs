//! Webhooks: events on their way to those who asked for them.

mod deliver;
mod log;
mod place;

pub use self::log::Delivery;
pub(crate) use self::{deliver::deliver, log::Deliveries, place::place};
