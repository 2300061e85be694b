//! The pages in a real browser: Chromium without a screen, driven through its `chromedriver`.
//!
//! If chromium or chromedriver is not installed, these tests say so and count as ignored, not as
//! passed: that is why they have a harness of their own. Each prints what it does. Where the
//! environment variable `FIEF_SCREENSHOTS` names a folder, each page is kept there as a picture,
//! for desktop and phone, in light and dark.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

mod administration;
mod camera;
mod chromedriver;
mod client;
mod exercise;
mod login;
mod visitor;

use std::process::ExitCode;

use fief_devserver::DevServer;
use libtest_mimic::{Arguments, Trial};

use crate::{chromedriver::Programs, visitor::Visitor};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let programs = Programs::find();
    if programs.is_none() {
        println!("SKIPPED: chromium and chromedriver are not both installed, so no page is tried");
    }
    libtest_mimic::run(&arguments, trials(programs.as_ref())).exit_code()
}

macro_rules! scenarios {
    ($($module:ident { $($scenario:ident),+ $(,)? })+) => {
        fn trials(programs: Option<&Programs>) -> Vec<Trial> {
            vec![$($(
                trial(
                    concat!(stringify!($module), "::", stringify!($scenario)),
                    programs,
                    async |visitor, server| $module::$scenario(visitor, server).await,
                ),
            )+)+]
        }
    };
}

scenarios! {
    administration {
        forms_of_other_sites,
        new_ones,
        permissions,
    }
    exercise {
        try_oauth2,
    }
    login {
        by_keyboard,
        consent,
        mistakes,
        register,
        register_with_fields,
        without_client,
    }
}

/// A test with a browser and a server of its own.
fn trial(
    name: &'static str,
    programs: Option<&Programs>,
    scenario: impl AsyncFn(&Visitor, &DevServer) + Send + 'static,
) -> Trial {
    let is_missing = programs.is_none();
    let programs = programs.cloned();
    let run = move || {
        let programs = programs.ok_or("no browser is installed")?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let server = client::server();
        runtime.block_on(async {
            let driver = chromedriver::Chromedriver::start(&programs);
            let visitor = Visitor::new(name, &driver, &programs).await;
            scenario(&visitor, &server).await;
            visitor.leave().await;
        });
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(is_missing)
}
