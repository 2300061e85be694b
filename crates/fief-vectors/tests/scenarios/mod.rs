//! The scenarios for both drivers on a Fief server. Each makes users of its own through the admin
//! API, so that all can run in parallel, and repeatedly, on one server.

mod account;
mod app;
mod by_code;
mod driver;
mod expect;
mod login;
mod places;
mod refresh;
mod refused;
pub mod server;
mod sign_out;
mod validate;
pub mod web;
mod webhook;

use libtest_mimic::Trial;

use self::{
    driver::{Hyper, Ureq},
    server::Server,
};

fn trial(name: String, server: Option<&'static Server>, scenario: fn(&Server)) -> Trial {
    Trial::test(name, move || {
        scenario(server.ok_or("FIEF_TEST_SERVER is not set")?);
        Ok(())
    })
    .with_ignored_flag(server.is_none())
}

macro_rules! through_both_drivers {
    ($($module:ident { $($scenario:ident),+ $(,)? })+) => {
        /// Every scenario through each driver; ignored where there is no server.
        pub fn trials(server: Option<&'static Server>) -> Vec<Trial> {
            vec![$($(
                trial(
                    format!("ureq::{}::{}", stringify!($module), stringify!($scenario)),
                    server,
                    $module::$scenario::<Ureq>,
                ),
                trial(
                    format!("hyper::{}::{}", stringify!($module), stringify!($scenario)),
                    server,
                    $module::$scenario::<Hyper>,
                ),
            )+)+]
        }
    };
}

through_both_drivers! {
    account {
        email,
        email_of_another,
        password,
        password_too_weak,
        profile,
        profile_of_wrong_types,
        session_too_weak,
        userinfo,
        wrong_email_code,
    }
    by_code {
        confidential_client,
        encrypted_client,
        encrypted_client_without_its_key,
        nonce,
        no_offline_access,
        pkce_plain,
        public_client,
        second_tenant,
        secret_in_the_header,
        third_party_client,
    }
    login {
        confidential_client,
        consent_denied,
        custom_scheme,
        encrypted_client,
        max_age,
        without_session,
        public_client,
        query_in_the_redirect_uri,
        second_tenant,
        step_up,
        third_party_client,
    }
    places {
        base_url_with_slash,
        host_override,
        unknown_tenant,
    }
    refresh {
        encrypted_client,
        narrower_scope,
        public_client,
        reused_token,
        rotation,
        wider_scope,
        wrong_secret,
    }
    refused {
        code_of_another_client,
        expired_code,
        garbage_token,
        missing_verifier,
        reused_code,
        unasked_verifier,
        unknown_client,
        wrong_code,
        wrong_redirect_uri,
        wrong_secret,
        wrong_verifier,
    }
    sign_out {
        logout_url,
    }
    validate {
        broken_signature,
        encrypted_id_token,
        expired,
        garbage,
        id_token,
        requirements_that_fail,
        requirements_that_hold,
        token_of_another_client,
        token_of_another_tenant,
    }
    webhook {
        delivery,
    }
}
