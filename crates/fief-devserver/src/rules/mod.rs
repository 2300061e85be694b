//! What the real server accepts from users, and how it names what it refuses.

mod address;
mod date;
mod email;
mod field;
mod fields;
mod invalid;
mod number;
mod password;
mod phone;

pub(crate) use self::{
    date::stored as stored_datetime,
    email::normalized as normalized_email,
    field::value as field_value,
    fields::read as read_fields,
    invalid::Invalid,
    number::{boolean, integer},
    password::weaknesses as password_weaknesses,
};
