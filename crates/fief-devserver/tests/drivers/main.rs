//! Both drivers against the development server, from end to end: with faults at each endpoint, and
//! while keys are rotated.
//!
//! Nothing here depends on how fast anything is, but that a good exchange takes less than the three
//! seconds after which a stalled one is given up.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, helpers included: what is not as expected is to stop them"
)]

mod driver;
mod faults;
mod rotation;

macro_rules! on_both_drivers {
    ($($module:ident { $($name:ident),+ $(,)? })+) => {
        mod ureq {
            $(mod $module {
                $(#[test] fn $name() { crate::$module::$name::<crate::driver::Ureq>(); })+
            })+
        }
        mod hyper {
            $(mod $module {
                $(#[test] fn $name() { crate::$module::$name::<crate::driver::Hyper>(); })+
            })+
        }
    };
}

on_both_drivers! {
    faults {
        at_discovery,
        at_the_key_set,
        at_the_token_endpoint,
        at_the_user_api,
        a_safe_request_is_sent_again_on_a_connection_that_was_closed,
        a_code_is_never_sent_twice,
    }
    rotation {
        with_an_overlap,
        without_an_overlap,
    }
}
